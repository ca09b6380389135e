"""How do minutes become hours and days? In SQL, level by level, any number of times.

The writer of prices rolls up what has just been closed in the transaction that stores it; whoever
brings history rolls up what it brought. A candle that a source said itself is never overwritten.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from django.db.backends.utils import CursorWrapper

from market.candles import INTERVALS, MINUTE, OWN
from market.feeds import roster
from market.gaps import bucket

SECOND_LEVEL = INTERVALS["5m"]
FIRST_LOOK = timedelta(days=1)  # so far back where nothing was ever rolled up
DAY = INTERVALS["1d"]
AT_ONCE = 20_000  # candles of one source rolled up by one statement: it may take 15 s

# A candle without a count of minutes was said by its source, and has all of them.
ROLL = """
INSERT INTO market_candle
    (instrument_id, source, interval, open_time, open, high, low, close, volume, closed, minutes)
SELECT instrument_id, source, %(coarse)s::text,
    date_bin(%(step)s::interval, open_time, 'epoch'::timestamptz) AS starts,
    (array_agg(open ORDER BY open_time))[1], max(high), min(low),
    (array_agg(close ORDER BY open_time DESC))[1], sum(volume), true,
    sum(coalesce(minutes, %(minutes)s))
FROM market_candle
WHERE instrument_id = ANY(%(ids)s) AND source = ANY(%(sources)s) AND interval = %(fine)s
AND open_time >= %(start)s AND open_time < %(end)s AND closed
GROUP BY instrument_id, source, starts
ON CONFLICT (instrument_id, source, interval, open_time) DO UPDATE SET
    open = excluded.open, high = excluded.high, low = excluded.low, close = excluded.close,
    volume = excluded.volume, closed = true, minutes = excluded.minutes
WHERE market_candle.minutes IS NOT NULL OR NOT market_candle.closed
"""


def advance(cursor: CursorWrapper, *, at: datetime) -> None:
    """Roll up all that has been closed since the last time, of every instrument and source."""
    until = bucket(at, INTERVALS[MINUTE])
    cursor.execute("SELECT until FROM market_rolled")
    row = cursor.fetchone()
    since = row[0] if row else until - FIRST_LOOK
    if since >= until:
        return
    if bucket(since, SECOND_LEVEL) < bucket(until, SECOND_LEVEL):
        cursor.execute("SELECT array_agg(id) FROM market_instrument")
        sources = [*OWN, *(source.name for source in roster.ALL)]
        roll(cursor, cursor.fetchone()[0] or [], sources, start=since, end=until, at=until)
    cursor.execute(
        "INSERT INTO market_rolled (until) VALUES (%s)"
        " ON CONFLICT (one) DO UPDATE SET until = excluded.until",
        [until],
    )


def roll(
    cursor: CursorWrapper,
    instrument_ids: Sequence[int],
    sources: Sequence[str],
    *,
    start: datetime,
    end: datetime,
    base: str = MINUTE,
    at: datetime | None = None,
) -> None:
    """Make every candle coarser than `base` of which some lies in [start, end).

    One that is not over `at` that moment is left to a later call; without it, one that goes on
    behind the last that is known, which may have been known before. A long time is done in
    stretches of whole days, which no candle reaches across.
    """
    at = at or max(end, _known_to(cursor, instrument_ids, sources, base, end) or end)
    stretch = max(AT_ONCE * INTERVALS[base] // DAY, 1) * DAY
    while start < end:
        until = min(bucket(start, DAY) + stretch, end)
        _roll(cursor, instrument_ids, sources, start, until, base, at)
        start = until


def _known_to(
    cursor: CursorWrapper,
    instrument_ids: Sequence[int],
    sources: Sequence[str],
    base: str,
    since: datetime,
) -> datetime | None:
    """When these sources' last candle of this day ends; None where they have none from then on."""
    cursor.execute(
        "SELECT max(open_time) FROM market_candle WHERE instrument_id = ANY(%s)"
        " AND source = ANY(%s) AND interval = %s AND closed"
        " AND open_time >= %s AND open_time < %s",
        [[*instrument_ids], [*sources], base, since, bucket(since, DAY) + DAY],
    )
    newest: datetime | None = cursor.fetchone()[0]
    return newest + INTERVALS[base] if newest else None


def _roll(
    cursor: CursorWrapper,
    instrument_ids: Sequence[int],
    sources: Sequence[str],
    start: datetime,
    end: datetime,
    base: str,
    at: datetime,
) -> None:
    for fine, coarse in pairwise(INTERVALS):
        step = INTERVALS[coarse]
        first, touched = bucket(start, step), bucket(end - timedelta.resolution, step) + step
        last = min(touched, bucket(at, step))
        if INTERVALS[fine] >= INTERVALS[base] and first < last:
            cursor.execute(
                ROLL,
                {
                    "coarse": coarse,
                    "fine": fine,
                    "step": f"{step.total_seconds():.0f} s",
                    "minutes": INTERVALS[fine] // INTERVALS[MINUTE],
                    "ids": [*instrument_ids],
                    "sources": [*sources],
                    "start": first,
                    "end": last,
                },
            )
