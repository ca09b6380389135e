"""Which passwords are good enough, and what does one guess cost an attacker?"""

import re
from typing import Any

from django.contrib.auth.hashers import Argon2PasswordHasher
from django.contrib.auth.password_validation import (
    CommonPasswordValidator,
    UserAttributeSimilarityValidator,
)
from django.core.exceptions import ValidationError

from accounts import breaches, defaults

LENGTH_MAX = 128
# What anybody would try here first; a password made of such words alone is no secret.
WORDS_OF_THE_HOUSE = (
    *("trading", "site", "console", "exchange", "currency", "convert", "conversion", "portfolio"),
    *("bitcoin", "ethereum", "crypto", "forex", "market", "money", "rates", "admin", "password"),
    *("passwort", "secret", "welcome", "login", "account", "user", "my", "the", "is"),
)
OF_THE_HOUSE = re.compile(rf"(?:{'|'.join(WORDS_OF_THE_HOUSE)})+")
TRIMMINGS = "0123456789!?.,:;-_+*#$@& "


class Argon2id(Argon2PasswordHasher):
    """Argon2id as OWASP advises for servers: 19 MB, two passes, one lane.

    Django's default takes 100 MB for each sign-in; eight at once would take the process down.
    """

    time_cost = 2
    memory_cost = 19 * 1024
    parallelism = 1


class NotTooLong:
    """Refuses what nobody types: more than `LENGTH_MAX` characters."""

    def validate(self, password: str, user: object = None) -> None:
        """Raise ValidationError beyond the limit."""
        if len(password) > LENGTH_MAX:
            raise ValidationError(
                f"Take at most {LENGTH_MAX} characters.", code="password_too_long"
            )

    def get_help_text(self) -> str:
        """The rule in words."""
        return f"At most {LENGTH_MAX} characters."


class NotOfTheHouse:
    """Refuses passwords made of this site's own words, digits and signs alone."""

    def validate(self, password: str, user: object = None) -> None:
        """Raise ValidationError where nothing else is left."""
        if OF_THE_HOUSE.fullmatch(re.sub(r"[\W\d_]", "", password.lower())):
            raise ValidationError(
                "This password says where it is used.", code="password_of_the_house"
            )

    def get_help_text(self) -> str:
        """The rule in words."""
        return "Not made of the words of this site."


class NotTheirOwn(UserAttributeSimilarityValidator):
    """Refuses the person's own name or address, also repeated or dressed with digits."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raise ValidationError where the password or its core is like one of them."""
        for core in sorted({password, *cores(password)} - {""}):
            super().validate(core, user)


class NotCommon(CommonPasswordValidator):
    """Refuses well-known passwords, also repeated, counted through or dressed with digits."""

    passwords: set[str]

    def validate(self, password: str, user: Any = None) -> None:
        """Raise ValidationError where the core of `password` is known to everybody."""
        if any(not core or core in self.passwords for core in cores(password)):
            raise ValidationError(
                "This password is among those that are tried first.", code="password_too_common"
            )

    def get_help_text(self) -> str:
        """The rule in words."""
        return "Not one of the passwords that are tried first."


class NotBreached:
    """Refuses passwords that are for sale: known from breaches of other sites."""

    def validate(self, password: str, user: object = None) -> None:
        """Raise ValidationError where breaches hold it; too short ones are refused elsewhere."""
        if len(password) >= defaults.PASSWORD_LENGTH_MIN and breaches.is_known(password):
            raise ValidationError(
                "This password has been stolen somewhere before, and is tried by thieves. "
                "Take another one, here and wherever else you use it.",
                code="password_breached",
            )

    def get_help_text(self) -> str:
        """The rule in words."""
        return "Not one that is known from a breach of another site."


def cores(password: str) -> set[str]:
    """What is left of `password` without repetition, digits around it and counting."""
    plain = password.lower().strip()
    once = re.sub(r"^(.+?)\1+$", r"\1", plain)
    bare = once.strip(TRIMMINGS)
    counted = "" if plain in "01234567890" * 13 or plain in "9876543210" * 13 else plain
    return {plain, once, counted} | ({bare} if len(bare) < 12 else set())
