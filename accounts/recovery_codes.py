"""Which codes open an account when the telephone is lost? Shown once; only their hashes are kept.

allauth derives codes from a stored seed: whoever reads that has them all. Ours are made in the
moment a person asks to see them, and lie nowhere but in that answer. Each begins with its place,
so that a try costs one hash. The other eleven characters are 55 bits: short enough to type, and
therefore kept like passwords (ASVS 6.5.2 asks that of anything below 112 bits).
"""

import secrets
from datetime import datetime
from typing import Any

from allauth.mfa import app_settings
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal import auth, flows
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction

from accounts.models import User
from core import clock

COUNT: int = app_settings.RECOVERY_CODE_COUNT
ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's 32: no letter looks like a digit
MISREAD = str.maketrans("oil", "011", " -")
LENGTH = 12
GROUP = 4


class HashedCodes(RecoveryCodes):  # type: ignore[misc]
    """What allauth asks of recovery codes, without a seed.

    A row's `hashes` are empty until the codes are shown, and a used one is blank.
    """

    instance: Authenticator

    def __init__(self, instance: Authenticator) -> None:
        super().__init__(instance)
        self._shown: list[str] = []

    @classmethod
    def activate(cls, user: User) -> "HashedCodes":
        """Codes of `user`, made when they are asked for."""
        kind = Authenticator.Type.RECOVERY_CODES
        return cls(
            Authenticator.objects.get_or_create(
                user=user, type=kind, defaults={"data": {"hashes": []}}
            )[0]
        )

    @property
    def did_view(self) -> bool:
        """Have they been made, and so been shown?"""
        return made_at(self.instance) is not None

    @transaction.atomic
    def mark_as_viewed(self) -> None:
        """Make the codes for the one answer that shows them."""
        if self._hold() and not self.did_view:
            self._shown = [_new(place) for place in range(COUNT)]
            self.instance.created_at = clock.now()
            self._keep([make_password(_plain(code)) for code in self._shown])

    @transaction.atomic
    def get_unused_codes(self) -> list[str]:
        """The codes on the page that shows them; later a blank for each that is left.

        Raises Broken where they come of a seed that cannot be read.
        """
        return self._shown or [""] * left(self.instance) if self._hold() else []

    @transaction.atomic
    def validate_code(self, code: str) -> bool:
        """Is this an unused code? It is used up by this. Raises Broken as above."""
        if not self._hold():
            return False
        typed, hashes = _plain(code), list(self.instance.data["hashes"])
        for place in self._places(typed):
            if hashes[place] and check_password(typed, hashes[place]):
                hashes[place] = ""
                self._keep(hashes)
                return True
        return False

    def _places(self, typed: str) -> list[int]:
        """Which hashes `typed` may be meant for: those of a seed are told apart by trying."""
        every = range(len(self.instance.data["hashes"]))
        if "digits" in self.instance.data:
            return list(every) if len(typed) == app_settings.RECOVERY_CODE_DIGITS else []
        return [place for place in every if len(typed) == LENGTH and typed[0] == ALPHABET[place]]

    def _hold(self) -> bool:
        """Lock the row, so that of parallel tries one succeeds; let go of a seed.

        False where it is gone: another page has made new codes meanwhile.
        """
        row = Authenticator.objects.select_for_update().filter(pk=self.instance.pk).first()
        if row is None:
            return False
        self.instance = row
        if "seed" in self.instance.data:
            self.instance.data = without_seed(self.instance)
            self.instance.save(update_fields=["data"])
        return True

    def _keep(self, hashes: list[str]) -> None:
        self.instance.data = self.instance.data | {"hashes": hashes}
        self.instance.save(update_fields=["data", "created_at"])


def without_seed(row: Authenticator) -> dict[str, Any]:
    """What to keep of codes that came of a seed: they go on to work. Raises Broken.

    Also read by a migration; `row` may be a model of its time.
    """
    used = int(row.data["used_mask"])
    codes = enumerate(RecoveryCodes(row).generate_codes())
    hashes = ["" if used >> place & 1 else make_password(code) for place, code in codes]
    return {"hashes": hashes, "digits": True}


def of(user: User) -> HashedCodes | None:
    """The codes of `user`, made or not; None where no factor is set up that needs them."""
    row = Authenticator.objects.filter(user=user, type=Authenticator.Type.RECOVERY_CODES).first()
    return HashedCodes(row) if row else None


def left(row: Authenticator) -> int:
    """How many codes still open the account."""
    if "hashes" in row.data:
        return sum(1 for one in row.data["hashes"] if one)
    return COUNT - int(row.data["used_mask"]).bit_count()


def made_at(row: Authenticator) -> datetime | None:
    """When they were made and shown; None while nobody has looked."""
    return row.created_at if row.data.get("hashes") != [] else None


def are_short(row: Authenticator) -> bool:
    """Are they the eight digits that allauth made? They go on to work; new ones are safer."""
    return "digits" in row.data or "seed" in row.data


def take_over() -> None:
    """Let allauth's pages and forms make and check these codes."""
    auth.RecoveryCodes = flows.RecoveryCodes = HashedCodes


def _new(place: int) -> str:
    code = ALPHABET[place] + "".join(secrets.choice(ALPHABET) for _ in range(LENGTH - 1))
    return "-".join(code[at : at + GROUP] for at in range(0, LENGTH, GROUP))


def _plain(code: str) -> str:
    """As it is hashed: however somebody typed it."""
    return code.lower().translate(MISREAD)
