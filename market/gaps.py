"""Where is a candle missing, or made of too little, and why? Closed hours are no gaps."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from math import ceil

from django.db.backends.utils import CursorWrapper

from core import clock
from market import sessions
from market.catalog import InstrumentInfo
from market.sessions import SATURDAY

DAY = timedelta(days=1)
MINUTE = "1m"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FIXED_APART_MAX = timedelta(days=5)  # fixings from Maundy Thursday to Easter Tuesday
NOT_SEEN = "not recorded here"
ENOUGH = 0.9  # of the minutes the market was open, or a candle made of them stands in a gap
LENGTH = timedelta(minutes=1)
LONG = timedelta(weeks=8)  # a longer hole is one, whatever was closed in between
FRIDAY_MINUTES = 21 * 60 - 30  # FX sleeps from 21:00 or 22:00 UTC

# Neighbours in time between which something is missing; the edges are neighbours too.
HOLES = """
SELECT at, after FROM (
    SELECT at, lead(at) OVER (ORDER BY at) AS after FROM (
        SELECT %s::timestamptz AS at
        UNION SELECT open_time FROM market_candle WHERE instrument_id = %s AND source = ANY(%s)
            AND interval = %s AND open_time >= %s AND open_time < %s AND closed
        UNION SELECT %s::timestamptz
    ) AS times
) AS neighbours WHERE after > at + %s::interval
"""

Time = tuple[datetime, bool]  # when a candle opens, and whether it is a fixing


@dataclass(frozen=True, slots=True)
class Gap:
    """Open times in [start, end) without a candle, or with one of too few minutes, and why."""

    start: datetime
    end: datetime
    reason: str


def bucket(at: datetime, step: timedelta) -> datetime:
    """When the candle began that `at` lies in; in UTC, whatever clocks do in summer."""
    return at - (at - EPOCH) % step


def between(
    cursor: CursorWrapper,
    pair: InstrumentInfo,
    interval: str,
    times: Sequence[Time],
    *,
    step: timedelta,
    until: datetime,
) -> tuple[Gap, ...]:
    """The gaps from the first of these candles to `until`, oldest first, with known reasons."""
    found = list(missing(pair, times, step=step, until=until))
    if not found:
        return ()
    cursor.execute(
        "SELECT starts, ends, reason FROM market_gap WHERE instrument_id = %s"
        " AND interval = ANY(%s) AND ends > %s AND starts < %s ORDER BY starts",
        [pair.id, [interval, MINUTE], found[0][0], found[-1][1]],
    )
    asked = [Gap(*row) for row in cursor.fetchall()]
    return tuple(Gap(start, end, _reason(start, end, asked)) for start, end in found)


def thin(
    pair: InstrumentInfo, rolled: Iterable[tuple[datetime, int | None]], *, step: timedelta
) -> Iterator[Gap]:
    """Each candle (when it opens, how many minutes it is made of) that misses too many minutes."""
    for opens, minutes in rolled:
        if minutes is None or minutes >= ENOUGH * (step / LENGTH):
            continue
        stretches = _open(pair, opens, opens + step, LENGTH)
        traded = sum((end - start for start, end in stretches), timedelta()) // LENGTH
        if minutes < ENOUGH * traded:
            yield Gap(opens, opens + step, f"only {minutes} of {traded} minutes")


def whole_minutes(pair: InstrumentInfo, step: timedelta) -> int:
    """A roll-up of fewer minutes stands behind whole candles."""
    return FRIDAY_MINUTES if step == DAY and pair.kind == "fx" else step // LENGTH


def enough_minutes(pair: InstrumentInfo, step: timedelta) -> int:
    """A roll-up of fewer says too little of what was traded."""
    return ceil(ENOUGH * whole_minutes(pair, step))


def note(
    cursor: CursorWrapper,
    pair: InstrumentInfo,
    interval: str,
    sources: Sequence[str],
    start: datetime,
    end: datetime,
    step: timedelta,
    reason: str,
) -> None:
    """Keep what no source has in [start, end), over what was known of that time."""
    cursor.execute(
        HOLES,
        [
            start - step,
            pair.id,
            [*sources],
            interval,
            start,
            end,
            end,
            f"{step.total_seconds():.0f} s",
        ],
    )
    found = [
        hole
        for before, after in cursor.fetchall()
        for hole in missing(pair, [(before, False)], step=step, until=after)
    ]
    where = "instrument_id = %s AND interval = %s AND starts >= %s AND starts < %s"
    cursor.execute(f"DELETE FROM market_gap WHERE {where}", [pair.id, interval, start, end])  # noqa: S608
    cursor.execute(
        "INSERT INTO market_gap (instrument_id, interval, starts, ends, reason, asked_at)"
        " SELECT %s, %s, starts, ends, %s, %s FROM unnest(%s::timestamptz[], %s::timestamptz[])"
        " AS found (starts, ends)",
        [pair.id, interval, reason, clock.now(), *map(list, zip(*found, strict=True))]
        if found
        else [pair.id, interval, reason, clock.now(), [], []],
    )


def missing(
    pair: InstrumentInfo, times: Sequence[Time], *, step: timedelta, until: datetime
) -> Iterator[tuple[datetime, datetime]]:
    """Stretches without a candle in buckets that are open at least in part, up to `until`."""
    ends = [*times, (until, True)] if times else []
    for (before, fixed), (after, fixed_too) in pairwise(ends):
        start = _ended(before + step, step)
        if start >= after or (fixed and fixed_too and after - before <= FIXED_APART_MAX):
            continue
        is_long = after - start > LONG
        for opens, closes in [(start, after)] if is_long else _open(pair, start, after, step):
            first, last = bucket(opens, step), min(_ended(closes, step), bucket(after, step))
            if first < last:
                yield first, last


def _ended(at: datetime, step: timedelta) -> datetime:
    """When the bucket ends that `at` lies in, or ends with."""
    return bucket(at + step - timedelta(microseconds=1), step)


def _open(
    pair: InstrumentInfo, start: datetime, end: datetime, step: timedelta
) -> Iterator[tuple[datetime, datetime]]:
    """The parts of [start, end) in which the instrument is traded; of days, the working ones."""
    if pair.trading_hours == "always":
        yield start, end
        return
    while start < end:
        closed, left = _session(start, step)
        if closed is None:
            yield start, min(start + left, end)
        start += left if closed is None else closed


def _session(at: datetime, step: timedelta) -> tuple[timedelta | None, timedelta]:
    """How long the market stays closed, None while it is open, and how long it stays open."""
    if step < DAY:
        return sessions.opens_in(at), sessions.closes_in(at) or step
    to_monday = timedelta(days=7 - at.weekday())
    return (to_monday, DAY) if at.weekday() >= SATURDAY else (None, to_monday - 2 * DAY)


def _reason(start: datetime, end: datetime, asked: Sequence[Gap]) -> str:
    for one in asked:
        if one.start < end and start < one.end:
            return one.reason
    return NOT_SEEN
