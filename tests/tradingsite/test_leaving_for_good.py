"""Once somebody has left and it is committed: do books and seals hold, and are sockets closed?"""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.management import call_command
from django.db import connection
from websockets.exceptions import ConnectionClosed

from accounts import tokens
from accounts.models import User
from core.errors import Refused
from portfolio import books, seal_check, seals, trading_accounts
from tests import cast
from tests.accounts.people import make
from tests.web_process import WebProcess
from tradingsite import leaving

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")
WAIT_S = 20


def at_once(*work: object) -> list[object]:
    """What each answers, or is refused with, when all begin together."""
    begin = threading.Barrier(len(work))

    def one(call: object) -> object:
        begin.wait(WAIT_S)
        try:
            return call()  # type: ignore[operator]
        except Refused as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(work)) as pool:
        return list(pool.map(one, work))


def test_books_and_seals_hold_before_and_after() -> None:
    user = cast.alice()
    seals.seal()
    leaving.leave(user)
    assert books.check().holds
    assert seal_check.check().holds
    seals.seal()
    assert seal_check.check().holds
    call_command("check_audit", verbosity=0)


def test_their_sockets_close(web: WebProcess) -> None:
    user = make("alice")
    _, text = tokens.issue(user, name="mine", scopes=["read"])
    bearer = {"Authorization": f"Bearer {text}"}
    with web.socket("/ws/me/", additional_headers=bearer) as socket:
        assert "ready" in str(socket.recv(timeout=WAIT_S))
        leaving.leave(user)
        with pytest.raises(ConnectionClosed) as end:
            socket.recv(timeout=WAIT_S)
    assert end.value.rcvd is not None
    assert end.value.rcvd.code == 4401


def test_of_two_last_administrators_who_leave_at_once_one_stays() -> None:
    people = [make(name, is_staff=True, is_superuser=True) for name in ("dana", "erin")]
    answers = at_once(*[lambda user=user: leaving.leave(user) for user in people])
    assert sum(isinstance(answer, Refused) for answer in answers) == 1
    assert User.objects.filter(is_superuser=True, is_active=True).count() == 1


def test_no_account_is_opened_by_somebody_who_leaves_meanwhile() -> None:
    user = cast.charlie()
    at_once(
        lambda: leaving.leave(user),
        lambda: trading_accounts.open_virtual(user=user, name="More", key="m", request_hash="h"),
    )
    assert not trading_accounts.of(user).exists()
    assert books.check().holds
