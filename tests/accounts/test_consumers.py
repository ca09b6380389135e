"""Is `/ws/me/` one person's alone, and only for as long as they are signed in?"""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.test import Client
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection

from accounts import tokens
from accounts.models import User
from accounts.presence import SOCKETS_MAX
from core.push import end_sessions, tell_everybody, tell_user
from tests import cast
from tests.web_process import WebProcess

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


@pytest.fixture
def alice() -> User:
    user = cast.person("alice")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def cookie(user: User, *, name: str = settings.SESSION_COOKIE_NAME) -> str:
    """The Cookie header of a browser in which `user` is signed in."""
    client = Client()
    client.force_login(user)
    return f"{name}={client.cookies[name].value}"


WAIT_S = 20


def session_of(web: WebProcess, user: User) -> ClientConnection:
    return web.socket("/ws/me/", additional_headers={"Cookie": cookie(user)})


def heard(connection: ClientConnection) -> dict[str, Any]:
    message: dict[str, Any] = json.loads(connection.recv(timeout=WAIT_S))
    return message


def closed_with(connection: ClientConnection) -> int:
    with pytest.raises(ConnectionClosed) as end:
        connection.recv(timeout=WAIT_S)
    assert end.value.rcvd is not None
    return end.value.rcvd.code


@pytest.fixture
def alices(web: WebProcess, alice: User) -> Iterator[ClientConnection]:
    """Alice's socket, ready."""
    with session_of(web, alice) as connection:
        assert heard(connection) == {"type": "ready"}
        yield connection


def test_it_hears_what_is_told_to_the_person(alices: ClientConnection, alice: User) -> None:
    tell_user(alice.public_id, {"type": "balances", "account": "x"})
    assert heard(alices) == {"type": "balances", "account": "x"}


def test_it_hears_nothing_of_others(alices: ClientConnection, alice: User) -> None:
    tell_user(cast.person("bob").public_id, {"type": "balances", "account": "bobs"})
    tell_user(alice.public_id, {"type": "balances", "account": "hers"})
    assert heard(alices)["account"] == "hers"


def test_everybody_hears_what_is_told_to_all(web: WebProcess, alices: ClientConnection) -> None:
    with session_of(web, cast.person("bob")) as bobs:
        heard(bobs)
        tell_everybody({"type": "stop", "stopped": True})
        assert heard(alices) == heard(bobs) == {"type": "stop", "stopped": True}


def test_it_refuses_a_stranger(web: WebProcess) -> None:
    with web.socket("/ws/me/") as connection:
        assert closed_with(connection) == 4401


def test_it_refuses_a_foreign_origin(web: WebProcess, alice: User) -> None:
    headers = {"Cookie": cookie(alice)}
    with (
        pytest.raises(InvalidStatus) as refusal,
        web.socket("/ws/me/", origin="http://evil.example", additional_headers=headers),
    ):
        pass
    assert refusal.value.response.status_code == 403


def test_a_changed_password_closes_it(alices: ClientConnection, alice: User) -> None:
    alice.set_password("another long pass phrase")
    alice.save()
    end_sessions(alice.public_id)
    assert closed_with(alices) == 4401


def test_signing_out_closes_the_browsers_other_pages(web: WebProcess, alice: User) -> None:
    browser = Client()
    browser.force_login(alice)
    name = settings.SESSION_COOKIE_NAME
    headers = {"Cookie": f"{name}={browser.cookies[name].value}"}
    with web.socket("/ws/me/", additional_headers=headers) as page:
        heard(page)
        browser.post("/accounts/logout/")
        assert closed_with(page) == 4401


def test_a_person_switched_off_is_cut_off(alices: ClientConnection, alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(is_active=False)
    end_sessions(alice.public_id)
    assert closed_with(alices) == 4401


def test_the_other_browser_stays(web: WebProcess, alices: ClientConnection, alice: User) -> None:
    other = Client()
    other.force_login(alice)
    other.session.flush()
    end_sessions(alice.public_id)
    tell_user(alice.public_id, {"type": "balances"})
    assert heard(alices) == {"type": "balances"}


def test_a_program_connects_by_token(web: WebProcess, alice: User) -> None:
    _token, text = tokens.issue(alice, name="Bot", scopes=["read"])
    headers = {"Authorization": f"Bearer {text}"}
    with web.socket("/ws/me/", origin=None, additional_headers=headers) as connection:
        assert heard(connection) == {"type": "ready"}
        tokens.revoke(alice, alice.tokens.get().public_id)
        assert closed_with(connection) == 4401


@pytest.mark.parametrize("given", ["Bearer nonsense", "Bearer ", "Basic YTpi", ""])
def test_it_refuses_a_program_without_a_valid_token(
    web: WebProcess, alice: User, given: str
) -> None:
    headers = {"Authorization": given, "Cookie": cookie(alice)}
    with (
        pytest.raises(InvalidStatus) as refusal,
        web.socket("/ws/me/", origin=None, additional_headers=headers),
    ):
        pass
    assert refusal.value.response.status_code == 403


def test_a_token_without_read_is_refused(web: WebProcess, alice: User) -> None:
    _token, text = tokens.issue(alice, name="Bot", scopes=["trade-virtual"])
    headers = {"Authorization": f"Bearer {text}"}
    with (
        pytest.raises(InvalidStatus),
        web.socket("/ws/me/", origin=None, additional_headers=headers),
    ):
        pass


def test_one_socket_too_many_is_told_to_come_later(web: WebProcess, alice: User) -> None:
    with ExitStack() as opened:
        for _ in range(SOCKETS_MAX):
            assert heard(opened.enter_context(session_of(web, alice))) == {"type": "ready"}
        with session_of(web, alice) as one_more:
            assert closed_with(one_more) == 1013
