"""What does an attacker try who has half of what it takes? Sessions, codes, proofs, addresses."""

import time
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.test import Client

from accounts import second_factor, sessions
from accounts.models import AuditRecord, User
from core import clock
from tests.accounts.people import (
    PASSWORD,
    code_now,
    enrol,
    enter_as_staff,
    is_signed_in,
    make,
    sign_in,
)

pytestmark = pytest.mark.django_db
ELSEWHERE = ("https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)")
CODE = "/accounts/2fa/authenticate/"
STRONGER = [
    ("/accounts/email/", {"action_add": "", "email": "thief@example.org"}),
    ("/accounts/2fa/totp/deactivate/", {}),
    ("/accounts/2fa/recovery-codes/generate/", {}),
    ("/accounts/2fa/webauthn/keys/{pk}/remove/", {}),
    ("/accounts/2fa/webauthn/add/", {}),
    ("/settings/tokens/", {"name": "thief", "scopes": ["read"], "days": "90"}),
]


@pytest.fixture
def alice() -> User:
    return make("alice")


def with_passkey(user: User) -> int:
    enrol(user)
    return int(
        Authenticator.objects.create(
            user=user, type=Authenticator.Type.WEBAUTHN, data={"name": "Phone"}
        ).pk
    )


@pytest.mark.parametrize(("path", "fields"), STRONGER)
def test_a_stolen_session_and_the_password_do_not_reach_what_opens_the_account(
    client: Client, alice: User, path: str, fields: dict[str, Any]
) -> None:
    path = path.format(pk=with_passkey(alice))
    client.force_login(alice)  # a session that has shown nothing for long
    kept = set(Authenticator.objects.values_list("pk", flat=True))
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    asked = client.post(path, fields)["Location"]
    assert asked.startswith("/accounts/2fa/reauthenticate/")
    assert set(Authenticator.objects.values_list("pk", flat=True)) == kept
    assert not alice.tokens.exists()
    assert alice.emailaddress_set.count() == 1  # type: ignore[attr-defined]


def test_the_code_that_turned_the_app_on_opens_nothing_more(client: Client, alice: User) -> None:
    sign_in(client)
    client.get("/accounts/2fa/totp/activate/")
    secret = client.session["mfa.totp.secret"]
    code = code_now(secret)
    assert client.post("/accounts/2fa/totp/activate/", {"code": code}).status_code == 302
    thief = Client()
    sign_in(thief)
    thief.post(CODE, {"code": code})
    assert not is_signed_in(thief)


@pytest.mark.parametrize("ago", [-1, 1])
def test_only_the_code_of_this_half_minute_counts(
    client: Client, alice: User, ago: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    enrol(alice)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 30 * ago)
    code = code_now()
    monkeypatch.undo()
    sign_in(client)
    client.post(CODE, {"code": code})
    assert not is_signed_in(client)


def test_a_seed_moved_to_another_person_opens_nothing(client: Client, alice: User) -> None:
    bob = make("bob")
    enrol(bob)
    Authenticator.objects.filter(user=bob).update(user=alice)
    thief = Client()
    sign_in(thief)
    thief.post(CODE, {"code": code_now()})
    assert not is_signed_in(thief)
    assert AuditRecord.objects.filter(event="second factor cannot be read").exists()


def test_a_session_planted_before_sign_in_is_not_the_one_after(client: Client, alice: User) -> None:
    client.get("/accounts/login/")
    session = client.session
    session["planted"] = True
    session.save()
    planted = str(session.session_key)
    client.cookies["sessionid"] = planted
    sign_in(client)
    assert is_signed_in(client)
    thief = Client()
    thief.cookies["sessionid"] = planted
    assert not is_signed_in(thief)


def test_proof_of_one_person_is_none_of_the_next(client: Client, alice: User) -> None:
    make("bob")
    enter_as_staff(client, alice)
    client.post("/accounts/logout/")
    sign_in(client, "bob")
    request: Any = client.get("/settings/profile/").wsgi_request
    assert sessions.is_fresh(request)
    assert not sessions.has_second_factor(request)


@pytest.mark.parametrize("address", ELSEWHERE)
@pytest.mark.parametrize(
    "page", ["login", "reauthenticate", "2fa/reauthenticate", "logout", "password/change"]
)
def test_no_page_leads_to_another_site(
    client: Client, alice: User, page: str, address: str
) -> None:
    fields = {"login": "alice", "password": PASSWORD, "next": address}
    fields |= {"oldpassword": PASSWORD, "password1": "another long walk"}
    fields["password2"] = fields["password1"]
    if page != "login":
        sign_in(client)
    if page.startswith("2fa"):
        enrol(alice)
        fields["code"] = code_now()
    answer = client.post(f"/accounts/{page}/?next={address}", fields)
    assert answer.status_code == 302
    assert "evil" not in answer["Location"]
    assert answer["Location"].startswith("/")
    assert not answer["Location"].startswith("//")


@pytest.mark.parametrize("current", ["http://testserver/convert/?from=EUR", *ELSEWHERE])
def test_a_part_asked_for_by_a_stranger_leads_the_page_to_sign_in(
    client: Client, alice: User, current: str
) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": current}
    answer = client.post("/convert/quote/", {}, headers=headers)
    assert answer.status_code == 204
    onwards = answer["HX-Redirect"]
    assert onwards.startswith("/accounts/login/?ended=1&next=")
    signed_in = client.post(onwards, {"login": "alice", "password": PASSWORD})
    assert signed_in["Location"] == ("/convert/" if "convert" in current else "/")


@pytest.mark.parametrize(
    "host", ["evil.example", "testserver.evil.example", "testserver@evil.example"]
)
def test_letters_and_pages_never_name_a_forged_host(client: Client, alice: User, host: str) -> None:
    for path in ("/", "/accounts/password/reset/", "/instruments/EUR-USD/"):
        assert client.get(path, headers={"Host": host}).status_code == 400
    asked = {"email": "alice@example.org"}
    headers = {"Host": host}
    assert client.post("/accounts/password/reset/", asked, headers=headers).status_code == 400


@pytest.mark.parametrize(
    ("staff", "unused"), [(False, timedelta(days=7)), (True, timedelta(hours=1))]
)
def test_a_session_nobody_uses_ends(client: Client, staff: bool, unused: timedelta) -> None:
    user = make("alice", is_staff=staff)
    sign_in(client)
    assert is_signed_in(client)
    seen = UserSession.objects.get(user=user).last_seen_at
    with clock.frozen(seen + unused - timedelta(seconds=1)):
        assert sessions.end_unused() == 0
    with clock.frozen(seen + unused + timedelta(seconds=1)):
        assert sessions.end_unused() == 1
    assert not is_signed_in(client)
    assert not second_factor.is_enrolled(user)
