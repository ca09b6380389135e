"""Are the pages of a person there, in our look, and private?"""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.sessions.models import Session
from django.core import mail
from django.test import Client

from accounts import preferences, sessions
from accounts.models import Token, User
from tests.accounts.people import enrol, enter_as_staff, link_in_letter, make, sign_in

pytestmark = pytest.mark.django_db
STRANGERS_PAGES = [
    "/accounts/login/",
    "/accounts/signup/",
    "/accounts/password/reset/",
    "/accounts/password/reset/done/",
    "/accounts/password/reset/key/done/",
    "/accounts/password/reset/key/1-none/",
    "/accounts/inactive/",
    "/accounts/confirm-email/",
    "/accounts/confirm-email/none/",
]
OWN_PAGES = [
    "/settings/profile/",
    "/settings/preferences/",
    "/settings/security/",
    "/settings/tokens/",
    "/accounts/email/",
    "/accounts/password/change/",
    "/accounts/logout/",
    "/accounts/sessions/",
    "/accounts/2fa/",
    "/accounts/2fa/reauthenticate/",
    "/accounts/2fa/webauthn/",
    "/accounts/2fa/webauthn/add/",
    "/accounts/2fa/totp/deactivate/",
    "/accounts/2fa/recovery-codes/",
    "/accounts/2fa/recovery-codes/generate/",
]


@pytest.fixture
def alice() -> User:
    return make("alice")


def names_of(answer: Any) -> set[str]:
    return {template.name for template in answer.templates if template.name}


@pytest.mark.parametrize("path", STRANGERS_PAGES)
def test_a_stranger_sees_our_own_page(client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert "components/_topbar.html" in names_of(answer)
    assert not any(name.startswith("allauth/") for name in names_of(answer))


@pytest.mark.parametrize("path", OWN_PAGES)
def test_a_person_sees_our_own_page(client: Client, alice: User, path: str) -> None:
    enter_as_staff(client, alice)
    answer = client.get(path)
    assert answer.status_code == 200
    assert "components/_topbar.html" in names_of(answer)
    assert not any(name.startswith("allauth/") for name in names_of(answer))
    assert b"style=" not in answer.content


def test_a_password_is_asked_for_again_only_where_there_is_nothing_better(
    client: Client, alice: User
) -> None:
    sign_in(client)
    page = "/accounts/reauthenticate/"
    assert "components/_topbar.html" in names_of(client.get(page))
    enrol(alice)
    assert client.get(page)["Location"] == "/accounts/2fa/reauthenticate/"


@pytest.mark.parametrize("path", [path for path in OWN_PAGES if path.startswith("/settings/")])
def test_a_stranger_is_sent_to_sign_in(client: Client, path: str) -> None:
    assert client.get(path)["Location"] == f"/accounts/login/?next={path}"


def test_preferences_are_changed_on_their_page(client: Client, alice: User) -> None:
    sign_in(client)
    fields = {"base_currency": "CHF", "time_zone": "Europe/Zurich", "theme": "dark"}
    client.post("/settings/preferences/", fields | {"quote_seconds": "60"})
    kept = preferences.of(User.objects.get())
    assert (kept.base_currency, kept.time_zone, kept.quote_seconds) == ("CHF", "Europe/Zurich", 60)


def test_it_refuses_preferences_nobody_offers(client: Client, alice: User) -> None:
    sign_in(client)
    fields = {"base_currency": "BTC", "time_zone": "Mars", "theme": "pink", "quote_seconds": "1"}
    answer = client.post("/settings/preferences/", fields)
    assert len(answer.context["form"].errors) == 4
    assert preferences.of(User.objects.get()) == preferences.DEFAULTS


def test_times_are_shown_in_the_persons_zone(client: Client, alice: User) -> None:
    preferences.change(alice, time_zone="Asia/Tokyo")
    User.objects.update(date_joined=datetime(2026, 3, 1, 20, tzinfo=UTC))
    sign_in(client)
    assert b"2 Mar 2026" in client.get("/settings/profile/").content


def test_a_token_is_made_shown_once_and_told_by_letter(client: Client, alice: User) -> None:
    sign_in(client)
    fields = {"name": "Sheet", "scopes": ["read"], "days": "90"}
    page = client.post("/settings/tokens/", fields)
    text = page.context["text"]
    assert text in page.content.decode()
    assert text not in client.get("/settings/tokens/").content.decode()
    assert mail.outbox[-1].subject == "New API token “Sheet”"


def test_a_token_is_revoked_on_the_page(client: Client, alice: User) -> None:
    sign_in(client)
    client.post("/settings/tokens/", {"name": "Sheet", "scopes": ["read"], "days": "90"})
    client.post(f"/settings/tokens/{Token.objects.get().public_id}/revoke/")
    assert Token.objects.get().revoked_at is not None
    events = client.get("/settings/security/").content.decode()
    assert 'Token revoked <span class="soft">“Sheet”' in events


def test_a_page_with_secrets_is_not_kept_by_the_browser(client: Client, alice: User) -> None:
    sign_in(client)
    for path in ("/settings/security/", "/settings/tokens/"):
        assert "no-store" in client.get(path)["Cache-Control"]


def test_a_new_address_takes_over_once_confirmed(client: Client, alice: User) -> None:
    sign_in(client)
    client.post("/accounts/email/", {"action_add": "1", "email": "new@example.org"})
    alice.refresh_from_db()
    assert alice.email == "alice@example.org"
    client.post(link_in_letter("confirm-email"))
    alice.refresh_from_db()
    assert alice.email == "new@example.org"
    assert EmailAddress.objects.filter(user=alice).count() == 1
    told = {letter.to[0]: letter.subject for letter in mail.outbox}
    assert told["alice@example.org"] == "Your e-mail address was changed"


def test_an_account_with_a_second_factor_gets_a_new_address_too(
    client: Client, alice: User
) -> None:
    enter_as_staff(client, alice)
    client.post("/accounts/email/", {"action_add": "1", "email": "new@example.org"})
    alice.refresh_from_db()
    assert alice.email == "alice@example.org"
    client.post(link_in_letter("confirm-email"))
    alice.refresh_from_db()
    assert alice.email == "new@example.org"


def test_the_banner_goes_with_the_confirmation(client: Client) -> None:
    make("bob", confirmed=False)
    sign_in(client, "bob")
    assert b"Confirm your e-mail address." in client.get("/settings/profile/").content
    EmailAddress.objects.update(verified=True)
    assert b"Confirm your e-mail address." not in client.get("/settings/profile/").content


def test_letters_are_for_administrators_alone(client: Client, alice: User) -> None:
    assert client.get("/admin/mail/").status_code == 302
    sign_in(client)
    assert client.get("/admin/mail/").status_code == 403
    enter_as_staff(client, make("erin", is_staff=True))
    assert client.get("/admin/mail/").status_code == 403
    assert "/admin/mail/" not in client.get("/admin/").content.decode()
    enter_as_staff(client, make("dana", is_staff=True, is_superuser=True))
    assert client.get("/admin/mail/").status_code == 200
    assert "/admin/mail/" in client.get("/admin/").content.decode()


def test_ended_sessions_are_forgotten(client: Client, alice: User) -> None:
    other = Client()
    sign_in(client)
    sign_in(other)
    past = datetime.now(UTC) - timedelta(seconds=1)
    Session.objects.filter(pk=other.session.session_key).update(expire_date=past)
    assert sessions.forget_ended() == 1
    assert len(sessions.of(alice, this_key=client.session.session_key)) == 1


@pytest.mark.parametrize(
    ("came_from", "onwards"),
    [
        ("http://testserver/convert/?from=USD", "/accounts/login/?ended=1&next=%2Fconvert%2F"),
        ("", "/accounts/login/?next=/convert/quote/"),
    ],
)
def test_a_form_sent_after_the_session_ended_leads_back_to_its_page(
    client: Client, came_from: str, onwards: str
) -> None:
    response = client.post("/convert/quote/", headers={"Referer": came_from})
    assert (response.status_code, response["Location"]) == (302, onwards)


def test_a_page_asked_for_without_a_session_is_where_signing_in_ends(client: Client) -> None:
    response = client.get("/portfolio/", headers={"Referer": "http://testserver/"})
    assert response["Location"] == "/accounts/login/?next=/portfolio/"


@pytest.mark.parametrize(
    "path", ["/accounts/password/reset/", "/accounts/email/", "/accounts/2fa/totp/activate/"]
)
def test_no_placeholder_repeats_a_label(client: Client, alice: User, path: str) -> None:
    if "reset" not in path:
        sign_in(client)
    page = client.get(path).content.decode().partition("<main")[2].partition("</main>")[0]
    assert "<input" in page
    assert "placeholder=" not in page
