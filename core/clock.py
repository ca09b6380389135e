"""What time is it? Every room asks here, so that a test or a replay can hold the clock."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime

_held: ContextVar[datetime | None] = ContextVar("held_clock", default=None)


def now() -> datetime:
    """The present moment in UTC, or the moment the clock is held at."""
    return _held.get() or datetime.now(UTC)


@contextmanager
def frozen(at: datetime) -> Iterator[None]:
    """Hold the clock at `at` (aware) inside the block, for this thread or task only."""
    if at.tzinfo is None:
        raise ValueError("the clock is held at an aware time only")
    token = _held.set(at.astimezone(UTC))
    try:
        yield
    finally:
        _held.reset(token)


class Watch:
    """Looks at the machine's clock beside the one that is never set, and so notices a step back."""

    def __init__(self) -> None:
        self.ahead_s = time.time() - time.monotonic()

    def set_back_s(self) -> float:
        """By how many seconds the clock was set back since the last look; 0 where it was not."""
        before_s, self.ahead_s = self.ahead_s, time.time() - time.monotonic()
        return max(0.0, before_s - self.ahead_s)


def midnight(day: date) -> datetime:
    """When `day` begins in UTC; of a moment, the day it falls on there."""
    there = day.astimezone(UTC) if isinstance(day, datetime) else day
    return datetime(there.year, there.month, there.day, tzinfo=UTC)


def iso(moment: datetime) -> str:
    """`moment` as it goes over every wire: ISO 8601, UTC, milliseconds, `Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
