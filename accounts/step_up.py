"""What must a person show before something dangerous, and where do they show it?

Who holds a stolen session has neither the second factor nor the password. What a form held is not
kept while its sender goes through this: it may have been a secret.
"""

from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse

from accounts import defaults, protection, second_factor, sessions
from accounts.people import person
from core.errors import Code, Refused


@dataclass(frozen=True, slots=True)
class Missing:
    """What has not been shown, in words, and the name of the address where it can be."""

    words: str
    place: str

    def address(self, *, back_to: str) -> str:
        """Where it can be shown; leads back to the page of that name."""
        return f"{reverse(self.place)}?{urlencode({'next': reverse(back_to)})}"


FACTOR = Missing("Set up a second factor first: a code app or a passkey.", "mfa_index")
CODE = Missing("Show your second factor first.", "mfa_reauthenticate")
RECENT = Missing("Show again who you are: this needs a recent sign-in.", "account_reauthenticate")


def missing(request: HttpRequest) -> Missing | None:
    """What still has to be set up or shown: a second factor, within 5 minutes."""
    return missing_recent(request) if second_factor.is_enrolled(person(request)) else FACTOR


def missing_recent(request: HttpRequest) -> Missing | None:
    """What still has to be shown within 5 minutes: the second factor of whoever has one.

    The password of whoever has none. allauth's pages ask this too, by `accounts/adapter.py`.
    """
    if second_factor.is_enrolled(person(request)):
        recent = timedelta(seconds=defaults.FRESH_S)
        return None if sessions.has_second_factor(request, within=recent) else CODE
    return None if sessions.is_fresh(request) else RECENT


def check(request: HttpRequest) -> None:
    """Raises Refused `forbidden` where something has to be shown first."""
    refuse(missing(request))


def check_recent(request: HttpRequest) -> None:
    """Raises Refused `forbidden` unless they have shown within 5 minutes who they are."""
    refuse(missing_recent(request))


def check_real_trading(request: HttpRequest) -> None:
    """Where turning on real trading will ask; nothing turns it on yet.

    Raises Refused `forbidden` without a second factor shown within 5 minutes, and for a day after
    a password or second factor was reset.
    """
    check(request)
    if protection.is_real_held(person(request)):
        raise Refused(Code.FORBIDDEN, "Real trading rests for 24 hours after a reset.")


def refuse(lacking: Missing | None) -> None:
    """Raises Refused `forbidden`, saying where the lacking proof can be given; nothing for None."""
    if lacking:
        raise Refused(Code.FORBIDDEN, lacking.words, show_at=reverse(lacking.place))
