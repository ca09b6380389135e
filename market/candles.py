"""What happened in each minute, hour and day? Candles of every source, and the best of them all.

An open time belongs to the candle that begins then. A candle is closed when its time is over, we
saw it whole (or its source said it so) and it was rolled up; one that forms is never among them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from statistics import median
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper

from core import clock
from core.errors import Code, Refused
from market import catalog, gaps, simulation
from market.catalog import InstrumentInfo
from market.feeds import roster
from market.fixings import SOURCE as FIXED
from market.gaps import Gap, bucket

MINUTE, HOUR, DAY = "1m", "1h", "1d"
INTERVALS = {
    "1m": timedelta(minutes=1),
    "5m": timedelta(minutes=5),
    "15m": timedelta(minutes=15),
    "1h": timedelta(hours=1),
    "4h": timedelta(hours=4),
    "1d": timedelta(days=1),
}
REFERENCE, SIMULATED = "reference", "simulated"  # sources of our own minutes
OWN = (REFERENCE, SIMULATED)
LIMIT, LIMIT_MAX = 500, 5000

FIELDS = (
    "instrument_id, source, interval, open_time, open, high, low, close, volume, closed, minutes"
)
# Not `instrument_id IN (…)`: a plan by the primary key needs the values at hand.
EVERY_INSTRUMENT = "ANY(ARRAY(SELECT id FROM market_instrument))"

# Which sources an instrument has candles of: one look into the index for each.
SOURCES = """
WITH RECURSIVE told AS (
    SELECT min(source) AS source FROM market_candle WHERE instrument_id = %s
    UNION ALL
    SELECT (SELECT min(source) FROM market_candle
            WHERE instrument_id = %s AND source > told.source)
    FROM told WHERE source IS NOT NULL
) SELECT source FROM told WHERE source IS NOT NULL
"""
# The newest candles of each source, and of each open time the first one by rank; a roll-up that
# misses minutes comes after whole ones. A volume comes from the first source that has one of enough
# minutes, else from the first that has any: so one venue's go on where it missed a minute or two.
# (Seconds, because a time is read from text, which takes longer than all else.)
BEST = """
SELECT extract(epoch FROM open_time)::bigint, open, high, low, close, volume, source, minutes FROM (
    SELECT open_time, open, high, low, close, source, minutes, row_number() OVER best AS place,
        first_value(traded) OVER most AS volume
    FROM unnest(%s::text[]) WITH ORDINALITY AS asked (name, rank)
    CROSS JOIN LATERAL (
        SELECT open_time, open, high, low, close, volume AS traded, source, minutes
        FROM market_candle WHERE instrument_id = %s AND source = asked.name AND interval = %s
        AND open_time < %s AND closed ORDER BY open_time DESC LIMIT %s
    ) AS told
    WINDOW best AS (PARTITION BY open_time ORDER BY coalesce(minutes < %s, false), rank),
        most AS (PARTITION BY open_time
            ORDER BY traded IS NULL, coalesce(minutes < %s, false), rank)
) AS ranked WHERE place = 1 ORDER BY open_time DESC LIMIT %s
"""
# Of each minute the best there is, as of longer candles; one that was not seen whole comes last.
FORMING = """
SELECT (array_agg(source ORDER BY open_time DESC))[1], (array_agg(open ORDER BY open_time))[1],
    max(high), min(low), (array_agg(close ORDER BY open_time DESC))[1], sum(volume), min(open_time)
FROM (
    SELECT DISTINCT ON (open_time) open_time, open, high, low, close, source,
        first_value(traded) OVER (PARTITION BY open_time ORDER BY traded IS NULL, rank) AS volume
    FROM unnest(%s::text[]) WITH ORDINALITY AS asked (name, rank)
    CROSS JOIN LATERAL (
        SELECT open_time, open, high, low, close, volume AS traded, source, closed
        FROM market_candle WHERE instrument_id = %s AND source = asked.name AND interval = '1m'
        AND open_time >= %s AND open_time < %s
    ) AS told
    ORDER BY open_time, closed DESC, rank
) AS minutes
"""


@dataclass(slots=True)
class Candle:
    """Open, high, low and close of one instrument at one source in one interval.

    `volume` is in units of base. `minutes` of a roll-up: how many whole minutes it is made of.
    """

    instrument_id: int
    source: str
    interval: str
    open_time: datetime
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal | None = None
    closed: bool = field(default=True, kw_only=True)
    minutes: int | None = field(default=None, kw_only=True)


@dataclass(frozen=True, slots=True)
class Series:
    """Closed candles of one instrument, oldest first, and the one that forms."""

    symbol: str
    interval: str
    source: str | None  # None: the best of all
    candles: tuple[Candle, ...]
    forming: Candle | None
    gaps: tuple[Gap, ...]
    simulated: bool

    @property
    def partial(self) -> frozenset[datetime]:
        """When the candles open that stand in a gap: nothing is computed from those."""
        lacking = {gap.start for gap in self.gaps}
        return frozenset(one.open_time for one in self.candles if one.open_time in lacking)

    @property
    def whole(self) -> tuple[Candle, ...]:
        """The candles made of enough minutes."""
        partial = self.partial
        return tuple(one for one in self.candles if one.open_time not in partial)


def series(
    symbol: str,
    interval: str,
    *,
    end: datetime | None = None,
    limit: int = LIMIT,
    source: str | None = None,
) -> Series:
    """The newest closed candles that opened before `end` (now), at most `limit` (up to 5,000).

    Without `source` each candle is the first there is of: our reference price (never of a minute
    we did not see whole), the venues in the roster's order, what was imported, the ECB's fixing.
    A simulated instrument has the simulated market's candles alone, and as days of fiat the
    fixings. A candle rolled up of too few minutes is there and stands in a gap.
    Raises Refused `not_found` for the instrument, `malformed` for the others.
    """
    pair = catalog.instrument(symbol)
    step = step_of(interval)
    if not 1 <= limit <= LIMIT_MAX:
        raise Refused(Code.MALFORMED, f"`limit` is a whole number from 1 to {LIMIT_MAX}.")
    current = bucket(clock.now(), step)
    simulated = is_simulated(pair)
    with connection.cursor() as cursor:
        heard = sources_of(cursor, pair)
        names = ranked(pair, heard, interval, simulated=simulated)
        asked = names if source is None else [_one_of(heard, source)]
        before = current if end is None else min(end, current)
        found = _best(cursor, pair, asked, interval, before, limit)
        forming = None
        if end is None or end > current:
            forming = so_far(cursor, pair.id, asked, interval, current, current + step)
        times = [(one.open_time, one.source == FIXED) for one in found]
        missing = gaps.between(cursor, pair, interval, times, step=step, until=before)
    thin = gaps.thin(pair, ((one.open_time, one.minutes) for one in found), step=step)
    lacking = sorted((*missing, *thin), key=lambda gap: gap.start)
    return Series(
        *(pair.symbol, interval, source, tuple(found), forming, tuple(lacking)),
        simulated=asked == [SIMULATED],
    )


def step_of(interval: str) -> timedelta:
    """How long an interval lasts; raises Refused `malformed`."""
    step = INTERVALS.get(interval)
    if step is None:
        raise Refused(Code.MALFORMED, f"`interval` is one of {', '.join(INTERVALS)}.")
    return step


def is_simulated(pair: InstrumentInfo) -> bool:
    """Whether the simulated market prices the instrument, or a leg of it, now."""
    return bool(simulated_among([pair]))


def is_simulated_series(pair: InstrumentInfo, interval: str) -> bool:
    """Whether the best series is the simulated market's now; days of fiat are the fixings."""
    return is_simulated(pair) and not (interval == DAY and pair.kind == "fx")


def simulated_among(pairs: Iterable[InstrumentInfo]) -> list[InstrumentInfo]:
    """Those of the instruments that the simulated market prices now, by any of their legs.

    While Redis is away: as it was last heard; raises Refused `not_ready` where it never was.
    """
    symbols = simulation.last_symbols()
    legs = catalog.now().leg
    return [
        pair
        for pair in pairs
        if any((leg := legs(code)) and leg.symbol in symbols for code in (pair.base, pair.quote))
    ]


def so_far(
    cursor: CursorWrapper,
    instrument_id: int,
    sources: Sequence[str],
    interval: str,
    start: datetime,
    before: datetime,
) -> Candle | None:
    """The candle that began at `start`: its best minutes up to `before`; of a day also what these
    sources said of it themselves, for minutes begin when we did."""
    cursor.execute(FORMING, [[*sources], instrument_id, start, before])
    source, *values, first = cursor.fetchone()
    made = Candle(instrument_id, source, interval, start, *values, closed=False) if source else None
    said = _said_so_far(cursor, instrument_id, sources, start) if interval == DAY else []
    return _widened(made, said, began=first == start) if said else made


def _said_so_far(
    cursor: CursorWrapper, instrument_id: int, sources: Sequence[str], start: datetime
) -> list[Candle]:
    """The day of each source that said one which is not over, first choice first."""
    cursor.execute(
        f"SELECT {FIELDS} FROM market_candle WHERE instrument_id = %s AND source = ANY(%s)"  # noqa: S608
        " AND interval = %s AND open_time = %s AND NOT closed AND minutes IS NULL",
        [instrument_id, [*sources], DAY, start],
    )
    return sorted(map(stored, cursor.fetchall()), key=lambda one: sources.index(one.source))


def _widened(made: Candle | None, said: Sequence[Candle], *, began: bool) -> Candle:
    """A day of minutes and of the sources' own: the median of their extremes, as on the board."""
    day = made or said[0]
    opened = day.open if began else said[0].open
    told = [one.volume for one in said if one.volume is not None][:1]
    return replace(
        day,
        open=opened,
        high=max(day.high, opened, median(one.high for one in said)),
        low=min(day.low, opened, median(one.low for one in said)),
        volume=max([*told, *([] if day.volume is None else [day.volume])], default=None),
    )


def closed_at(
    cursor: CursorWrapper, instrument_id: int, source: str, interval: str, start: datetime
) -> Candle | None:
    """The closed candle of one source that began at `start`, if there is one."""
    cursor.execute(
        f"SELECT {FIELDS} FROM market_candle WHERE instrument_id = %s AND source = %s"  # noqa: S608
        " AND interval = %s AND open_time = %s AND closed",
        [instrument_id, source, interval, start],
    )
    row = cursor.fetchone()
    return stored(row) if row else None


def said_days(cursor: CursorWrapper, start: datetime, end: datetime) -> list[Candle]:
    """Daily candles in [start, end) that sources said (no roll-ups, no fixings), oldest first."""
    sources = [*(one.name for one in roster.ALL if one.name != FIXED), SIMULATED]
    cursor.execute(
        f"SELECT {FIELDS} FROM market_candle WHERE instrument_id = {EVERY_INSTRUMENT}"  # noqa: S608
        " AND source = ANY(%s) AND interval = %s AND open_time >= %s AND open_time < %s"
        " AND minutes IS NULL ORDER BY open_time",
        [sources, DAY, start, end],
    )
    return [stored(row) for row in cursor.fetchall()]


def stored(row: tuple[Any, ...]) -> Candle:
    """The candle of a row of FIELDS."""
    *values, closed, minutes = row
    return Candle(*values, closed=closed, minutes=minutes)


def sources_of(cursor: CursorWrapper, pair: InstrumentInfo) -> set[str]:
    """The sources the instrument has candles of."""
    cursor.execute(SOURCES, [pair.id, pair.id])
    return {row[0] for row in cursor.fetchall()}


def ranked(
    pair: InstrumentInfo, sources: Iterable[str], interval: str, *, simulated: bool
) -> list[str]:
    """The sources of the best series among those `sources`, first choice first."""
    if simulated:
        return [FIXED if interval == DAY and pair.kind == "fx" else SIMULATED]
    real = {*sources} - {SIMULATED}
    venues = [one.name for one in roster.ALL if one.name != FIXED]
    known = [REFERENCE, *venues]
    return [
        *(name for name in known if name in real),
        *sorted(real - {*known, FIXED}),
        *([FIXED] if FIXED in real else []),
    ]


def _one_of(heard: set[str], source: str) -> str:
    known = {*heard, *OWN, *(one.name for one in roster.ALL)}
    if source not in known:
        raise Refused(Code.MALFORMED, f"`source` is one of {', '.join(sorted(known))}.")
    return source


def _best(
    cursor: CursorWrapper,
    pair: InstrumentInfo,
    sources: Sequence[str],
    interval: str,
    before: datetime,
    limit: int,
) -> list[Candle]:
    step = INTERVALS[interval]
    counts = gaps.whole_minutes(pair, step), gaps.enough_minutes(pair, step)
    cursor.execute(BEST, [[*sources], pair.id, interval, before, limit, *counts, limit])
    return [_candle(pair.id, interval, *row) for row in reversed(cursor.fetchall())]


def _candle(instrument_id: int, interval: str, *row: Any) -> Candle:
    opened_s, opened, high, low, close, volume, source, minutes = row
    open_time = datetime.fromtimestamp(opened_s, UTC)
    values = (opened, high, low, close, volume)
    return Candle(instrument_id, source, interval, open_time, *values, minutes=minutes)
