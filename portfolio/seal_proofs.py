"""When were the seals last proved, and did they hold? Kept for alarms and the operator's page."""

from dataclasses import asdict, dataclass
from datetime import datetime

from django.core.cache import cache

from core import clock
from portfolio import seal_check
from portfolio.seal_check import Verdict

KEY = "portfolio:seal-proof"
COPIES = "portfolio:seal-copies"
KEPT_S = 7 * 24 * 3600


@dataclass(frozen=True, slots=True)
class LastVerdict:
    """The outcome of one check of the seals; `trouble` is empty where they hold."""

    at: datetime
    seals: int
    rows: int
    trouble: str


def prove() -> Verdict:
    """Check every seal now and remember the outcome. Raises RedisError."""
    found = seal_check.check()
    cache.set(
        KEY, asdict(LastVerdict(clock.now(), found.seals, found.rows, _trouble(found))), KEPT_S
    )
    return found


def prove_forgotten() -> None:
    """Check the seals where no outcome is remembered, as after a start. Raises RedisError."""
    if latest() is None:
        prove()


def latest() -> LastVerdict | None:
    """The last outcome; None where none is remembered. Raises RedisError."""
    kept = cache.get(KEY)
    return LastVerdict(**kept) if kept else None


def note_copies(trouble: str) -> None:
    """Remember why the copies in the lake do not go with the seals; empty where they do."""
    cache.set(COPIES, trouble, KEPT_S)


def trouble() -> str:
    """What is wrong with the seals or their copies, as last seen. Raises RedisError."""
    last = latest()
    return (last.trouble if last else "") or cache.get(COPIES, "")


def _trouble(found: Verdict) -> str:
    if found.faults:
        first = found.faults[0]
        return f"The trail or the journal was touched: seal {first.seal}: {first.words}."
    return "" if found.holds else "Nobody outside PostgreSQL remembers the newest seal."
