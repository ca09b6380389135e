"""By what has the person behind a session shown who they are, and what changes with it?"""

from allauth.account.internal.flows.login import (
    get_authentication_records,
    record_authentication,
)
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.http import HttpRequest

from accounts.models import User

FACTORS = {"totp": "password and code", "recovery_codes": "password and recovery code"}


def said(request: HttpRequest, user: User) -> str:
    """What was shown at sign-in, in words: "password and code"."""
    records = get_authentication_records(request, user)
    factors = [record for record in records if record["method"] == "mfa"]
    if not factors:
        return "password"
    if factors[-1].get("passwordless"):
        return "passkey"
    return FACTORS.get(factors[-1]["type"], "password and passkey")


def enrolled(request: HttpRequest, user: User, factor: Authenticator) -> None:
    """Setting up a code app or a passkey showed it; recovery codes come by themselves."""
    if factor.type != Authenticator.Type.RECOVERY_CODES:
        record_authentication(request, user, "mfa", id=factor.pk, type=factor.type)


def renew(request: HttpRequest) -> None:
    """Give the session a new id where its rights have changed, and keep it in the list."""
    old = request.session.session_key
    request.session.cycle_key()
    UserSession.objects.filter(session_key=old).update(session_key=request.session.session_key)
