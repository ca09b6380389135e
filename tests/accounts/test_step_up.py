"""Does the password alone, or a factor shown long ago, give away what protects an account?"""

from typing import Any

import pytest
from allauth.account.internal.flows.login import record_authentication
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.test import Client, RequestFactory

from accounts import protection, step_up
from accounts.models import User
from core.errors import Refused
from tests.accounts.people import (
    PASSWORD,
    age_session,
    code_now,
    codes_of,
    enrol,
    make,
    sign_in,
)

pytestmark = pytest.mark.django_db
NEW = "correct horse staple battery"
CHANGES: dict[str, dict[str, Any]] = {
    "/accounts/email/": {"action_add": "", "email": "thief@example.org"},
    "/accounts/2fa/totp/deactivate/": {},
    "/accounts/2fa/recovery-codes/generate/": {},
    "/accounts/password/change/": {"oldpassword": PASSWORD, "password": NEW},
    "/settings/tokens/": {"name": "thief", "scopes": ["read"], "days": "90"},
}


@pytest.fixture
def alice() -> User:
    return make("alice")


def enter_and_wait(client: Client, alice: User, *, shown: bool) -> None:
    """Sign in, with or without the factor, and let an hour pass."""
    if shown:
        enrol(alice)
        sign_in(client)
        client.post("/accounts/2fa/authenticate/", {"code": code_now()})
    else:
        sign_in(client)
        enrol(alice)
    age_session(client, 3600)


@pytest.mark.parametrize("path", CHANGES)
@pytest.mark.parametrize("shown", [False, True])
def test_it_refuses_what_only_the_password_was_shown_for(
    client: Client, alice: User, path: str, shown: bool
) -> None:
    enter_and_wait(client, alice, shown=shown)
    asked = client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    assert asked["Location"].startswith("/accounts/2fa/reauthenticate/")
    answer = client.post(path, CHANGES[path])
    assert answer["Location"].startswith("/accounts/2fa/reauthenticate/")
    assert EmailAddress.objects.filter(user=alice).count() == 1
    assert Authenticator.objects.filter(user=alice).count() == 2
    assert not alice.tokens.exists()
    alice.refresh_from_db()
    assert alice.check_password(PASSWORD)


@pytest.mark.parametrize("by", ["code", "recovery code"])
def test_the_factor_opens_what_the_password_does_not(client: Client, alice: User, by: str) -> None:
    sign_in(client)
    enrol(alice)
    code = codes_of(alice)[0]
    page = "/accounts/2fa/reauthenticate/"
    client.post(page, {"code": code if by == "recovery code" else code_now()})
    client.post("/accounts/2fa/totp/deactivate/")
    assert not Authenticator.objects.filter(user=alice).exists()


def test_a_password_shown_before_enrolling_elsewhere_counts_no_more(
    client: Client, alice: User
) -> None:
    sign_in(client)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    enrol(alice)
    client.post("/accounts/2fa/totp/deactivate/")
    assert Authenticator.objects.filter(user=alice).count() == 2


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_whoever_sets_up_a_factor_has_shown_it(client: Client, alice: User) -> None:
    sign_in(client)
    secret = client.get("/accounts/2fa/totp/activate/").context["form"].secret
    client.post("/accounts/2fa/totp/activate/", {"code": code_now(secret)})
    assert client.get("/accounts/2fa/recovery-codes/").status_code == 200


def test_passwords_on_the_form_are_not_kept_while_the_factor_is_asked_for(
    client: Client, alice: User
) -> None:
    enter_and_wait(client, alice, shown=True)
    client.post("/accounts/password/change/", CHANGES["/accounts/password/change/"])
    assert PASSWORD not in str([row.get_decoded() for row in Session.objects.all()])


def test_real_trading_asks_for_a_factor_and_rests_after_a_reset(
    rf: RequestFactory, alice: User
) -> None:
    request = rf.post("/")
    request.user, request.session = alice, SessionStore()
    with pytest.raises(Refused, match="Set up a second factor"):
        step_up.check_real_trading(request)
    enrol(alice)
    with pytest.raises(Refused, match="Show your second factor"):
        step_up.check_real_trading(request)
    record_authentication(request, alice, "mfa", type="totp")
    step_up.check_real_trading(request)
    protection.hold_real(alice)
    with pytest.raises(Refused, match="rests for 24 hours"):
        step_up.check_real_trading(request)
