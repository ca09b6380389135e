"""What happened in each minute and day? Candles: our own minutes, and the sources' days."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from django.db.backends.utils import CursorWrapper

from market import numbers
from market.inbox import RawCandle
from market.numbers import Reason, Unfit

MINUTE, DAY = "1m", "1d"
REFERENCE, SIMULATED = "reference", "simulated"  # sources of our own minutes
WRITTEN_EVERY = timedelta(seconds=10)  # so often a minute that still forms is stored

FIELDS = "instrument_id, source, interval, open_time, open, high, low, close, volume"
TYPES = ["bigint", "text", "text", "timestamptz", *["numeric"] * 5]
UNNEST = ", ".join(f"%s::{type_}[]" for type_ in TYPES)
INSERT = (
    f"INSERT INTO market_candle ({FIELDS}) SELECT * FROM unnest({UNNEST})"  # noqa: S608
    " ON CONFLICT (instrument_id, source, interval, open_time) DO UPDATE SET "
)
MERGE = (
    "high = greatest(market_candle.high, excluded.high),"
    " low = least(market_candle.low, excluded.low), close = excluded.close"
)
REPLACE = (
    "open = excluded.open, high = excluded.high, low = excluded.low,"
    " close = excluded.close, volume = excluded.volume"
)


@dataclass(slots=True)
class Candle:
    """Open, high, low and close of one instrument at one source in one interval."""

    instrument_id: int
    source: str
    interval: str
    open_time: datetime
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal | None = None


class Minutes:
    """The minutes that still form, of our own mids."""

    def __init__(self) -> None:
        self.forming: dict[tuple[int, str], Candle] = {}
        self.touched: dict[tuple[int, str, datetime], Candle] = {}
        self.written_at: datetime | None = None

    def note(self, instrument_id: int, source: str, mid: Decimal, *, at: datetime) -> None:
        """Take a mid into its minute."""
        minute = at.replace(second=0, microsecond=0)
        candle = self.forming.get((instrument_id, source))
        if candle is None or candle.open_time != minute:
            candle = Candle(instrument_id, source, MINUTE, minute, mid, mid, mid, mid)
            self.forming[instrument_id, source] = candle
        candle.high, candle.low = max(candle.high, mid), min(candle.low, mid)
        candle.close = mid
        self.touched[instrument_id, source, minute] = candle

    def due(self, at: datetime) -> list[Candle]:
        """Candles to write now: every 10 s what changed, so at a minute's end it is whole."""
        if self.written_at is not None and at - self.written_at < WRITTEN_EVERY:
            over = [key for key in self.touched if at - key[2] >= timedelta(minutes=1)]
        else:
            over, self.written_at = list(self.touched), at
        return [self.touched.pop(key) for key in over]

    def all(self) -> list[Candle]:
        """Whatever has not been written yet, for the last time."""
        rest = list(self.touched.values())
        self.touched = {}
        return rest


def read_daily(raw: RawCandle, *, instrument_id: int, source: str, at: datetime) -> Candle:
    """A source's daily candle as numbers; raises Unfit."""
    open_time = numbers.moment(raw.open_time)
    if open_time > at:
        raise Unfit(Reason.FUTURE)
    opened, high, low, close = map(numbers.price, (raw.open, raw.high, raw.low, raw.close))
    midnight = open_time == open_time.replace(hour=0, minute=0, second=0, microsecond=0)
    if not midnight or high < max(opened, close) or low > min(opened, close):
        raise Unfit(Reason.BAD_CANDLE)
    volume = numbers.volume(raw.volume)
    return Candle(instrument_id, source, DAY, open_time, opened, high, low, close, volume)


def write(cursor: CursorWrapper, candles: Iterable[Candle]) -> None:
    """Store candles: a minute of ours is merged with what was known, a source's day replaces it."""
    for interval, rule in ((MINUTE, MERGE), (DAY, REPLACE)):
        newest = {
            (one.instrument_id, one.source, one.open_time): one
            for one in candles
            if one.interval == interval
        }
        if newest:
            columns = zip(*(_values(one) for one in newest.values()), strict=True)
            cursor.execute(INSERT + rule, [list(column) for column in columns])


def between(
    cursor: CursorWrapper, start: datetime, end: datetime, *, interval: str
) -> list[Candle]:
    """Stored candles of every instrument and source that opened in [start, end), oldest first."""
    cursor.execute(
        f"SELECT {FIELDS} FROM market_candle WHERE interval = %s AND open_time >= %s"  # noqa: S608
        " AND open_time < %s ORDER BY open_time",
        [interval, start, end],
    )
    return [Candle(*row) for row in cursor.fetchall()]


def extremes(
    cursor: CursorWrapper, start: datetime
) -> list[tuple[int, str, Decimal, Decimal, datetime]]:
    """Our own minutes since `start`: (instrument, source, high, low, since when)."""
    cursor.execute(
        "SELECT instrument_id, source, max(high), min(low), min(open_time) FROM market_candle"
        " WHERE interval = %s AND open_time >= %s GROUP BY instrument_id, source",
        [MINUTE, start],
    )
    return list(cursor.fetchall())


def closes(cursor: CursorWrapper, start: datetime) -> list[tuple[int, str, datetime, Decimal]]:
    """Our own minutes since `start`: (instrument, source, minute, close)."""
    cursor.execute(
        "SELECT instrument_id, source, open_time, close FROM market_candle"
        " WHERE interval = %s AND open_time >= %s",
        [MINUTE, start],
    )
    return list(cursor.fetchall())


def last_closes(
    cursor: CursorWrapper, start: datetime, end: datetime
) -> list[tuple[int, str, datetime, Decimal]]:
    """The same of the last minute of every instrument in [start, end)."""
    cursor.execute(
        "SELECT DISTINCT ON (instrument_id, source) instrument_id, source, open_time, close"
        " FROM market_candle WHERE interval = %s AND open_time >= %s AND open_time < %s"
        " ORDER BY instrument_id, source, open_time DESC",
        [MINUTE, start, end],
    )
    return list(cursor.fetchall())


def midnight(at: datetime) -> datetime:
    """The beginning of the UTC day."""
    return at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def _values(candle: Candle) -> tuple[object, ...]:
    return (
        *(candle.instrument_id, candle.source, candle.interval, candle.open_time),
        *(candle.open, candle.high, candle.low, candle.close, candle.volume),
    )
