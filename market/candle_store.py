"""How is a candle stored? What a source said, judged; then merged, replaced or filled in."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db.backends.utils import CursorWrapper

from market import numbers
from market.candles import FIELDS, INTERVALS, MINUTE, Candle
from market.gaps import bucket
from market.inbox import RawCandle
from market.numbers import Reason, Unfit

TYPES = ["bigint", "text", "text", "timestamptz", *["numeric"] * 5, "boolean", "smallint"]
UNNEST = ", ".join(f"%s::{type_}[]" for type_ in TYPES)
INSERT = (
    f"INSERT INTO market_candle ({FIELDS}) SELECT * FROM unnest({UNNEST})"  # noqa: S608
    " ON CONFLICT (instrument_id, source, interval, open_time) DO UPDATE SET "
)
MERGE = (
    "high = greatest(market_candle.high, excluded.high),"
    " low = least(market_candle.low, excluded.low), close = excluded.close,"
    " volume = excluded.volume, closed = excluded.closed WHERE NOT market_candle.closed"
)
REPLACE = (
    "open = excluded.open, high = excluded.high, low = excluded.low, close = excluded.close,"
    " volume = excluded.volume, closed = excluded.closed, minutes = excluded.minutes"
)

# Of one instrument, source and interval; of this session alone.
STAGED = """
CREATE TEMP TABLE candle_staged (open_time timestamptz NOT NULL, open numeric NOT NULL,
    high numeric NOT NULL, low numeric NOT NULL, close numeric NOT NULL, volume numeric)
"""
UPSERT_STAGED = (
    f"INSERT INTO market_candle ({FIELDS}) SELECT %s, %s, %s, staged.*, true, NULL"  # noqa: S608
    " FROM pg_temp.candle_staged AS staged ORDER BY open_time"
    f" ON CONFLICT (instrument_id, source, interval, open_time) DO UPDATE SET {REPLACE}"
)


def read_said(
    raw: RawCandle, *, instrument_id: int, source: str, interval: str, at: datetime
) -> Candle:
    """A candle as its source said it, closed if it was over by `at`; raises Unfit."""
    step = INTERVALS[interval]
    open_time = numbers.moment(raw.open_time)
    if open_time > at:
        raise Unfit(Reason.FUTURE)
    opened, high, low, close = map(numbers.price, (raw.open, raw.high, raw.low, raw.close))
    if open_time != bucket(open_time, step):
        raise Unfit(Reason.MISALIGNED)
    if high < max(opened, close) or low > min(opened, close):
        raise Unfit(Reason.BAD_CANDLE)
    volume = numbers.volume(raw.volume)
    values = (opened, high, low, close, volume)
    closed = open_time + step <= at
    return Candle(instrument_id, source, interval, open_time, *values, closed=closed)


def write(cursor: CursorWrapper, candles: Iterable[Candle]) -> None:
    """Store candles: a minute of ours is merged with what was known, a source's day replaces it."""
    rows = list(candles)
    _upsert(cursor, (one for one in rows if one.interval == MINUTE), MERGE)
    _upsert(cursor, (one for one in rows if one.interval != MINUTE), REPLACE)


def replace(cursor: CursorWrapper, candles: Iterable[Candle]) -> None:
    """Store candles as their source says them, over what was known; any number of times."""
    _upsert(cursor, candles, REPLACE)


@contextmanager
def staging(cursor: CursorWrapper) -> Iterator[None]:
    """Room for the closed candles of a long series, before they are stored all at once."""
    cursor.execute("DROP TABLE IF EXISTS pg_temp.candle_staged")
    cursor.execute(STAGED)
    yield
    cursor.execute("DROP TABLE pg_temp.candle_staged")


def stage(cursor: CursorWrapper, candles: Iterable[Candle]) -> None:
    """Put candles aside, each open time once."""
    with cursor.copy("COPY pg_temp.candle_staged FROM STDIN (FORMAT BINARY)") as copy:
        copy.set_types(["timestamptz", *["numeric"] * 5])
        for one in candles:
            copy.write_row((one.open_time, one.open, one.high, one.low, one.close, one.volume))


def replace_by_staged(
    cursor: CursorWrapper, instrument_id: int, source: str, interval: str
) -> tuple[datetime, datetime] | None:
    """Store what was put aside over what was known; when the first and the last open."""
    cursor.execute(UPSERT_STAGED, [instrument_id, source, interval])
    cursor.execute("SELECT min(open_time), max(open_time) FROM pg_temp.candle_staged")
    first, last = cursor.fetchone()
    return (first, last) if first else None


def fill(cursor: CursorWrapper, candles: Iterable[Candle]) -> None:
    """Store candles only where none is closed yet."""
    _upsert(cursor, candles, f"{REPLACE} WHERE NOT market_candle.closed")


def _upsert(cursor: CursorWrapper, candles: Iterable[Candle], rule: str) -> None:
    newest = {(one.instrument_id, one.source, one.interval, one.open_time): one for one in candles}
    if newest:
        columns = zip(*(_values(one) for one in newest.values()), strict=True)
        cursor.execute(INSERT + rule, [list(column) for column in columns])


def _values(candle: Candle) -> tuple[object, ...]:
    return (
        *(candle.instrument_id, candle.source, candle.interval, candle.open_time),
        *(candle.open, candle.high, candle.low, candle.close, candle.volume),
        *(candle.closed, candle.minutes),
    )
