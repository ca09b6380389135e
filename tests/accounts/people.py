"""What do people do at the door in tests? Sign up, sign in, read the letters they got."""

import re
import time
from typing import Any
from urllib.parse import urlsplit

from allauth.account.internal.flows.login import (
    _AUTHENTICATION_METHODS_USER_SESSION_KEY,
    AUTHENTICATION_METHODS_SESSION_KEY,
)
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from allauth.mfa.webauthn.internal.auth import WebAuthn
from django.core import mail
from django.test import Client
from fido2.cose import CoseKey
from fido2.webauthn import (
    Aaguid,
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorAttestationResponse,
    AuthenticatorData,
    CollectedClientData,
    RegistrationResponse,
)

from accounts import second_factor
from accounts.models import User
from accounts.recovery_codes import HashedCodes

PASSWORD = "correct horse battery"
LOGIN = "/accounts/login/"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def sign_up(client: Client, name: str = "alice", email: str = "", **fields: str) -> Any:
    """Fill in the sign-up page."""
    data = {"username": name, "email": email or f"{name}@example.org"}
    data |= {"password1": PASSWORD} | fields
    return client.post("/accounts/signup/", data)


def sign_in(client: Client, login: str = "alice", password: str = PASSWORD) -> Any:
    """Fill in the sign-in page."""
    return client.post(LOGIN, {"login": login, "password": password})


def is_signed_in(client: Client) -> bool:
    """Does this browser hold a session that counts?"""
    return client.get("/settings/profile/").status_code == 200


def make(name: str = "alice", *, confirmed: bool = True, **fields: bool) -> User:
    """A person with a password and an address."""
    user = User.objects.create_user(name, f"{name}@example.org", PASSWORD, **fields)
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=confirmed)
    return user


def link_in_letter(part: str) -> str:
    """The path of the first link in the newest letter that holds `part`."""
    links = re.findall(r"https?://\S+", str(mail.outbox[-1].body))
    return str(next(urlsplit(link).path for link in links if part in link))


def enrol(user: User, *, secret: str = SECRET) -> None:
    """Give `user` a code app, and recovery codes that nobody has looked at yet."""
    with second_factor.acting_for(user):
        TOTP.activate(user, secret)
    HashedCodes.activate(user)


def add_passkey(user: User) -> None:
    """Give `user` a passkey, as its page keeps one; nobody has the key to it."""
    point = {1: 2, 3: -7, -1: 1, -2: bytes(32), -3: bytes(32)}  # of ES256, by COSE's numbers
    key = AttestedCredentialData.create(Aaguid.NONE, b"phone", CoseKey.parse(point))
    flags = AuthenticatorData.FLAG.AT | AuthenticatorData.FLAG.UP
    told = AuthenticatorData.create(bytes(32), flags, 0, key)
    response = AuthenticatorAttestationResponse(
        client_data=CollectedClientData.create("webauthn.create", b"asked", "https://example.org"),
        attestation_object=AttestationObject.create("none", told, {}),
    )
    sent = RegistrationResponse(raw_id=b"phone", response=response)
    WebAuthn.add(user, "Phone", dict(sent))


def codes_of(user: User) -> list[str]:
    """The recovery codes of `user`, as their page shows them once."""
    codes = HashedCodes.activate(user)
    codes.mark_as_viewed()
    return codes.get_unused_codes()


def code_now(secret: str = SECRET, *, later: int = 0) -> str:
    """What the code app shows; waits for the next code where this one is about to go.

    `later` asks for a coming one, so many half minutes ahead.
    """
    if time.time() % 30 > 28:
        time.sleep(2)
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30 + later)))


def has_confirmed(name: str) -> bool:
    """Has this person confirmed the address they gave?"""
    return bool(EmailAddress.objects.get(user__username=name).verified)


def age_session(client: Client, seconds: int) -> None:
    """Let that much time have passed since this browser's person showed who they are."""
    session = client.session
    for shown in session[AUTHENTICATION_METHODS_SESSION_KEY]:
        shown["at"] -= seconds
    session.save()


def enter_as_staff(client: Client, user: User, *, fresh_s: int = 0) -> None:
    """Sign `user` in as if by password and code, without the time that takes.

    `fresh_s` longer than usual they need not show again who they are.
    """
    if not second_factor.is_enrolled(user):
        enrol(user)
    client.force_login(user)
    session = client.session
    shown = {"method": "mfa", "at": time.time() + fresh_s, "type": "totp"}
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [shown]
    session[_AUTHENTICATION_METHODS_USER_SESSION_KEY] = str(user.pk)
    session.save()
