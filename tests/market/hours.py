"""Stored candles of one instrument, hour by hour up to noon, for tests of what is made of them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import connection

from market import candle_store, catalog
from market.candles import Candle
from market.indicators import Bars
from tests.market.markets import random_bars
from tests.market.said import NOON

HOUR = timedelta(hours=1)
SYMBOL = "BTC-USD"


def stored(count: int = 300, *, seed: int = 1, ago: int = 0, source: str = "reference") -> Bars:
    """A random walk in the database; its last hour ended `ago` hours before noon."""
    bars = random_bars(count, seed=seed)
    store(bars, ago=ago, source=source)
    return bars


def store(bars: Bars, *, ago: int = 0, source: str = "reference") -> None:
    """Put the candles into the database, hour by hour, the last one ending before noon."""
    first = NOON - HOUR * (ago + len(bars))
    rows = zip(bars.open, bars.high, bars.low, bars.close, bars.volume, strict=True)
    with connection.cursor() as cursor:
        candle_store.replace(
            cursor,
            [_candle(source, first + HOUR * at, row) for at, row in enumerate(rows)],
        )


def roll_up(*, ago: int, minutes: int, close: float = 250.0) -> datetime:
    """The hour that ended `ago` hours before noon is made of so many minutes; when it opens."""
    opens = NOON - HOUR * (ago + 1)
    one = _candle("reference", opens, (close, close + 9, close - 9, close, 1.0))
    one.minutes = minutes
    with connection.cursor() as cursor:
        candle_store.replace(cursor, [one])
    return opens


def _candle(source: str, opens: datetime, row: Sequence[float]) -> Candle:
    opened, high, low, close, volume = (Decimal(repr(float(value))) for value in row)
    pair = catalog.instrument(SYMBOL)
    return Candle(pair.id, source, "1h", opens, opened, high, low, close, volume)
