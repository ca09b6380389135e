"""Who has proved twice who they are? Names and secrets of second factors, and the staff's door."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from urllib.parse import SplitResult

from allauth.account.internal.stagekit import unstash_login
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.db import models, transaction
from django.http import HttpRequest

from accounts import actors, audit, protection, recovery_codes, sessions
from accounts.models import User
from core import secrets
from core.errors import Broken
from core.secrets import rotation

PRODUCT = "Tradingsite"
PURPOSE = "second factor"  # authenticated with every sealed seed, as its owner is
SEEDS = ("secret", "seed")  # where allauth keeps them in a row's data
FEW_CODES = 4
NUMBERS = ("127.0.0.1", "::1")  # addresses of this machine that are no domain


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """allauth's hooks: secrets lie sealed in the database, names and words are ours."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "unverified_email": "Confirm your e-mail address first; then set up a second factor.",
        "incorrect_code": "That code is not right, or it has been used.",
        "lost_totp": "This site cannot read the secret of your code app, so it cannot check its "
        "codes. Use a recovery code or a passkey, then set the app up anew. Where you have "
        "neither, write to support.",
        "lost_recovery_codes": "That code is not right. This site cannot read your recovery codes "
        "either: use your code app or a passkey, then make new ones.",
    }

    def encrypt(self, text: str) -> str:
        """`text` as it is stored."""
        return secrets.seal(text, purpose=PURPOSE, owner=_owner())

    def decrypt(self, encrypted_text: str) -> str:
        """What was stored for the person at the other end. Raises Broken for anybody else's."""
        return secrets.unseal(encrypted_text, purpose=PURPOSE, owner=_owner())

    def get_totp_issuer(self) -> str:
        """What the code app calls us."""
        return PRODUCT

    def _get_site_name(self) -> str:
        return PRODUCT

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:  # noqa: A002
        """The name a new passkey is offered."""
        number = Authenticator.objects.filter(user=user, type=type).count() + 1
        return "Passkey" if number == 1 else f"Passkey {number}"


_acting_for: ContextVar[int | None] = ContextVar("acting_for", default=None)


@contextmanager
def acting_for(user: User) -> Iterator[None]:
    """Where no request says whose second factor is meant, this does."""
    token = _acting_for.set(user.pk)
    try:
        yield
    finally:
        _acting_for.reset(token)


def _owner() -> int:
    """Whose seeds may be sealed and opened now: who is signed in, or about to be."""
    if (named := _acting_for.get()) is not None:
        return named
    request = context.request
    if request and request.user.is_authenticated:
        return int(request.user.pk)
    login = unstash_login(request, peek=True) if request else None
    if login is None:
        raise Broken("A second factor was asked for, and nobody is at the other end.")
    return int(login.user.pk)


def reseal() -> int:
    """Bring every seed under the current key; how many rows changed. Raises Broken, Retryable."""
    return rotation.column(Authenticator, "data", _resealed)


def _resealed(row: models.Model, data: dict[str, object]) -> dict[str, object]:
    owner = row.user_id  # type: ignore[attr-defined]
    return data | {
        name: secrets.resealed(str(data[name]), purpose=PURPOSE, owner=owner)
        for name in SEEDS
        if name in data
    }


def with_codes(user: User) -> tuple[list[Authenticator], list[Authenticator]]:
    """What `user` may type codes of, the code app first: what can be read here, and what cannot."""
    rows = Authenticator.objects.filter(user=user).exclude(type=Authenticator.Type.WEBAUTHN)
    found = [(row, _opens(row)) for row in rows.order_by("-type")]
    return [row for row, opens in found if opens], [row for row, opens in found if not opens]


def note_lost(request: HttpRequest, user: User, lost: Sequence[Authenticator]) -> None:
    """What was met at the door is written down: only the operator can put a key back."""
    after = {"factors": [one.type for one in lost]}
    by = actors.as_person(user, request)
    audit.note("second factor cannot be read", by=by, person=user, after=after)


def _opens(row: Authenticator) -> bool:
    """Is the seed there, its key in the ring, and has nobody changed it? Hashes need none."""
    if "hashes" in row.data:
        return True
    try:
        sealed = next(row.data[name] for name in SEEDS if name in row.data)
        return bool(secrets.unseal(sealed, purpose=PURPOSE, owner=row.user_id))
    except (Broken, StopIteration, TypeError, AttributeError):
        return False


@dataclass(frozen=True, slots=True)
class Passkey:
    """One passkey or security key."""

    id: int
    name: str
    added_at: datetime
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class Factors:
    """What protects an account beyond its password."""

    passkeys: Sequence[Passkey]
    app_since: datetime | None
    codes_since: datetime | None
    codes_left: int
    codes_total: int
    codes_are_short: bool

    @property
    def is_on(self) -> bool:
        """Does sign-in ask for more than the password?"""
        return bool(self.passkeys or self.app_since)

    @property
    def few_codes(self) -> bool:
        """Is it time for new recovery codes?"""
        return bool(self.is_on and self.codes_since and self.codes_left < FEW_CODES)


class Door(StrEnum):
    """What stands between a request and the staff's pages."""

    OPEN = "open"
    SIGN_IN = "sign in"
    NOT_STAFF = "not staff"
    ENROL = "set up a second factor"
    PROVE = "show the second factor"


def staff_door(request: HttpRequest) -> Door:
    """Whether the person behind `request` may see staff pages, or what they must do first."""
    user = request.user
    if not isinstance(user, User):
        return Door.SIGN_IN
    if not user.is_staff or not user.is_active:
        return Door.NOT_STAFF
    if not is_enrolled(user):
        return Door.ENROL
    return Door.OPEN if sessions.has_second_factor(request) else Door.PROVE


def is_enrolled(user: User) -> bool:
    """Has `user` set up a code app or a passkey? Recovery codes alone are none."""
    factors = Authenticator.objects.filter(user=user)
    return bool(factors.exclude(type=Authenticator.Type.RECOVERY_CODES).exists())


def of(user: User) -> Factors:
    """What `user` has set up."""
    rows = list(Authenticator.objects.filter(user=user).order_by("created_at"))
    by_type = {row.type: row for row in rows}
    app = by_type.get(Authenticator.Type.TOTP)
    codes = by_type.get(Authenticator.Type.RECOVERY_CODES)
    return Factors(
        passkeys=[
            Passkey(row.pk, row.wrap().name, row.created_at, row.last_used_at)
            for row in rows
            if row.type == Authenticator.Type.WEBAUTHN
        ],
        app_since=app.created_at if app else None,
        codes_since=recovery_codes.made_at(codes) if codes else None,
        codes_left=recovery_codes.left(codes) if codes else 0,
        codes_total=recovery_codes.COUNT if codes else 0,
        codes_are_short=recovery_codes.are_short(codes) if codes else False,
    )


def address_for_passkeys(asked: SplitResult) -> str:
    """Where passkeys work if not at the address that was asked: browsers want a name, no number."""
    if asked.hostname not in NUMBERS:
        return ""
    return asked._replace(netloc=f"localhost:{asked.port}" if asked.port else "localhost").geturl()


def reset(user: User, *, shown: str) -> int:
    """Take every factor of `user` away; `shown` says by what else they proved who they are."""
    with transaction.atomic():
        removed, _ = Authenticator.objects.filter(user=user).delete()
        audit.note(
            "second factors reset", person=user, before={"factors": removed}, after={"shown": shown}
        )
        protection.hold_real(user)
    sessions.end_others(user, this_key=None)
    return int(removed)
