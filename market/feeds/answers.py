"""What does an unusable answer mean? Judged by status and body: exception classes mislead."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime

from core import clock
from market.feeds.feed import Trouble

RATE_LIMITED = (429, 418)
REFUSED = (401, 403, 451)
RATE_LIMIT_WAIT_S = 60.0  # where the venue does not say
WAIT_MAX_S = 3600.0
REFUSED_WAIT_S = 900.0
# Venues that say so in a proper body with status 200; the names are ccxt's.
RATE_LIMIT_ERRORS = ("RateLimitExceeded", "DDoSProtection")
AWAY_ERRORS = ("ExchangeNotAvailable", "OnMaintenance")
# What a reader trips over when a body is not what the source documents.
UNREADABLE = (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError)
SHOWN = 200  # characters of a body that are worth keeping


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back over the wire, before anybody made sense of it."""

    status: int
    headers: Mapping[str, str]
    body: str

    @property
    def is_success(self) -> bool:
        """Whether the status says so."""
        return self.status // 100 == 2


def trouble(answer: Answer | None, error: Exception | None = None) -> Trouble:
    """Why the answer (None: there was none) is unusable, and how long to leave the source alone."""
    cause = f"{type(error).__name__}: {error}" if error else "unexpected shape"
    if error and error.__cause__:  # of ccxt's errors: what happened on the way
        cause += f"; {error.__cause__}"[:SHOWN]
    if answer is None:
        return Trouble("unreachable", cause)
    shown = f"HTTP {answer.status} {answer.body[:SHOWN]!r}"
    if answer.status in RATE_LIMITED:
        return Trouble("rate_limited", shown, wait_s=retry_after_s(answer.headers))
    if answer.status in REFUSED:
        return Trouble("refused_here", shown, wait_s=REFUSED_WAIT_S)
    if answer.status >= 500:
        return Trouble("unreachable", shown)
    if answer.body.lstrip().startswith("<"):
        return Trouble("html_body", shown)
    if not _is_json(answer.body):
        return Trouble("truncated_json", shown)
    if type(error).__name__ in RATE_LIMIT_ERRORS:
        return Trouble("rate_limited", shown, wait_s=RATE_LIMIT_WAIT_S)
    if type(error).__name__ in AWAY_ERRORS:
        return Trouble("unreachable", shown)
    return Trouble("malformed", f"{cause}; {shown}")


def retry_after_s(headers: Mapping[str, str]) -> float:
    """Seconds the venue asks for: a number or a date; a minute where it does not say."""
    text = next((text for name, text in headers.items() if name.lower() == "retry-after"), "")
    wait_s = float(text) if text.isdecimal() else _until(text)
    return min(wait_s, WAIT_MAX_S)


def _until(text: str) -> float:
    try:
        moment: datetime = parsedate_to_datetime(text)
        return max(0.0, (moment - clock.now()).total_seconds())
    except (TypeError, ValueError, OverflowError):
        return RATE_LIMIT_WAIT_S


def _is_json(body: str) -> bool:
    try:
        json.loads(body)
    except (ValueError, RecursionError):
        return False
    return True
