"""How is a candle stored? What a source said, judged; then merged, replaced or filled in."""

from collections.abc import Iterable
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
