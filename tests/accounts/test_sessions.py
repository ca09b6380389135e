"""Where is one signed in, how long, and does ending it end it?"""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from accounts import sessions
from accounts.models import User
from core.errors import Code, Refused
from tests.accounts.people import (
    PASSWORD,
    age_session,
    code_now,
    enrol,
    is_signed_in,
    make,
    sign_in,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice() -> User:
    return make("alice")


def places(client: Client, user: User) -> list[sessions.Place]:
    return list(sessions.of(user, this_key=client.session.session_key))


def test_the_list_names_this_browser_first(client: Client, alice: User) -> None:
    sign_in(Client())
    sign_in(client)
    found = places(client, alice)
    assert [place.is_this_one for place in found] == [True, False]
    assert found[0].address == "127.0.0.1"
    assert found[0].by == "password"


def test_ending_one_leaves_the_others(client: Client, alice: User) -> None:
    other = Client()
    sign_in(client)
    sign_in(other)
    place = next(place for place in places(client, alice) if not place.is_this_one)
    client.post(f"/settings/security/sessions/{place.id}/end/")
    assert (is_signed_in(client), is_signed_in(other)) == (True, False)


def test_ending_all_others_keeps_this_one(client: Client, alice: User) -> None:
    others = [Client(), Client()]
    for browser in (client, *others):
        sign_in(browser)
    client.post("/settings/security/sessions/end-others/")
    assert is_signed_in(client)
    assert not any(is_signed_in(other) for other in others)


def test_nobody_ends_the_session_of_another(client: Client, alice: User) -> None:
    sign_in(client)
    bob = make("bob")
    with pytest.raises(Refused) as refused:
        sessions.end(bob, places(client, alice)[0].id)
    assert refused.value.code == Code.NOT_FOUND
    assert is_signed_in(client)


@pytest.mark.parametrize(
    ("is_staff", "lasts"), [(False, timedelta(days=14)), (True, timedelta(hours=8))]
)
def test_a_session_lasts_from_sign_in_on(
    client: Client, *, is_staff: bool, lasts: timedelta
) -> None:
    make("carol", is_staff=is_staff)
    sign_in(client, "carol")
    age = timedelta(seconds=client.session.get_expiry_age())
    assert lasts - timedelta(minutes=1) < age <= lasts


def test_a_session_in_use_is_not_made_longer(client: Client, alice: User) -> None:
    sign_in(client)
    before = client.session.get_expiry_date()
    session = client.session
    session["anything"] = 1
    session.save()
    assert abs(client.session.get_expiry_date() - before) < timedelta(seconds=1)


def test_a_signed_out_session_is_gone_from_the_list(client: Client, alice: User) -> None:
    other = Client()
    sign_in(client)
    sign_in(other)
    other.post("/accounts/logout/")
    assert len(places(client, alice)) == 1


def test_signing_out_by_a_link_alone_does_nothing(client: Client, alice: User) -> None:
    sign_in(client)
    client.get("/accounts/logout/")
    assert is_signed_in(client)


def test_the_session_cookie_is_kept_from_scripts(client: Client, alice: User) -> None:
    cookie = sign_in(client).cookies["sessionid"]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")


@pytest.mark.parametrize("has_app", [False, True])
def test_showing_again_who_one_is_gives_the_session_a_new_id(
    client: Client, alice: User, has_app: bool
) -> None:
    sign_in(client)
    shown, page = {"password": PASSWORD}, "/accounts/reauthenticate/"
    if has_app:
        enrol(alice)
        shown, page = {"code": code_now()}, "/accounts/2fa/reauthenticate/"
    before = client.session.session_key
    assert client.post(page, shown).status_code == 302
    assert client.session.session_key not in (None, before)
    assert is_signed_in(client)
    assert [place.is_this_one for place in places(client, alice)] == [True]


def test_another_browser_is_signed_out_by_who_shows_again_who_they_are(
    client: Client, alice: User
) -> None:
    other = Client()
    sign_in(other)
    sign_in(client)
    age_session(client, 301)
    asked = client.post("/settings/security/sessions/end-others/")
    assert asked["Location"].startswith("/accounts/reauthenticate/")
    assert is_signed_in(other)
    client.post(asked["Location"], {"password": PASSWORD})
    assert not is_signed_in(other)
    assert is_signed_in(client)


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/accounts/email/", {"action_add": "", "email": "thief@example.org"}),
        ("/accounts/2fa/recovery-codes/generate/", {}),
        ("/settings/tokens/", {"name": "thief", "scopes": ["read"], "days": "90"}),
    ],
)
def test_what_opens_the_account_asks_again_who_is_there(
    client: Client, alice: User, path: str, fields: dict[str, str]
) -> None:
    if "2fa" in path:
        enrol(alice)
    client.force_login(alice)  # a session that has shown nothing for long
    assert "reauthenticate" in client.post(path, fields)["Location"]
    assert not alice.tokens.exists()
    assert len(EmailAddress.objects.filter(user=alice)) == 1
