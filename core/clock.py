"""What time is it? Every room asks here, so that a test or a replay can hold the clock."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time

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


def midnight(day: date) -> datetime:
    """When `day` begins in UTC; of a moment, the day it falls on there."""
    there = day.astimezone(UTC) if isinstance(day, datetime) else day
    return datetime.combine(there, time(), UTC)


def iso(moment: datetime) -> str:
    """`moment` as it goes over every wire: ISO 8601, UTC, milliseconds, `Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
