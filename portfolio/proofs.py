"""When were the books last proved, and did they hold? Kept for the operator's first page."""

from dataclasses import asdict, dataclass
from datetime import datetime

import structlog
from django.core.cache import cache

from core import clock
from portfolio import books

KEY = "portfolio:proof"
KEPT_S = 7 * 24 * 3600

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class LastProof:
    """The outcome of one check of the books; `broken` names the rules that did not hold."""

    at: datetime
    entries: int
    broken: tuple[str, ...]


def prove() -> LastProof:
    """Check the books now and remember the outcome; a break is logged as an error."""
    found = books.check()
    broken = tuple(finding.name for finding in found.findings if finding.count)
    last = LastProof(clock.now(), found.entries, broken)
    cache.set(KEY, asdict(last), KEPT_S)
    if broken:
        log.error("the books do not hold", broken=broken)
    return last


def prove_forgotten() -> None:
    """Check the books where no outcome is remembered, as after a start. Raises RedisError."""
    if latest() is None:
        prove()


def latest() -> LastProof | None:
    """The last outcome; None where none is remembered."""
    kept = cache.get(KEY)
    return LastProof(**kept) if kept else None
