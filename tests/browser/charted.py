"""Candles for charts to show: a made-up but lawful series, stored as the site stores its own."""

import math
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import psycopg
import redis

from market import simulated_past
from tests.tradingsite.stack import Stack

SYMBOL, OTHER = "LTC-USD", "DOT-USD"  # nothing else looks at their candles
HOURS = 1300  # more than one page of them
HOLE = range(40, 43)  # hours ago that nobody recorded
INSERT = (
    "INSERT INTO market_candle (instrument_id, source, interval, open_time, open, high, low,"
    " close, volume, closed) SELECT id, 'simulated', '1h', %s, %s, %s, %s, %s, %s, true"
    " FROM market_instrument WHERE symbol = %s ON CONFLICT DO NOTHING"
)
FORGET = (
    "DELETE FROM market_candle WHERE source = 'simulated' AND interval = '1h' AND"
    " instrument_id IN (SELECT id FROM market_instrument WHERE symbol = ANY(%s))"
)


def recorded_hours(site: Stack) -> Iterator[None]:
    """Hours of candles up to the present one, with a hole that nobody fills meanwhile."""
    store = redis.Redis.from_url(site.data.redis_url)
    with store, store.lock(simulated_past.ALONE, timeout=1800, blocking_timeout=20):
        _fill(site)
        yield


def hole() -> list[datetime]:
    """When the missing hours begin, and when the last of them ends."""
    now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    return [now - timedelta(hours=ago) for ago in (*reversed(HOLE), HOLE[0] - 1)]


def _fill(site: Stack) -> None:
    now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    rows = [
        (now - timedelta(hours=ago), *_prices(ago), 40 + ago % 30, symbol)
        for symbol in (SYMBOL, OTHER)
        for ago in range(1, HOURS)
        if ago not in HOLE
    ]
    with psycopg.connect(site.data.database_url("site_app")) as connection:
        connection.execute(FORGET, [[SYMBOL, OTHER]])
        connection.cursor().executemany(INSERT, rows)


def _prices(ago: int) -> tuple[float, ...]:
    before, close = (68 + 3 * math.sin((ago + step) / 40) for step in (1, 0))
    return before, max(before, close) + 0.2, min(before, close) - 0.2, close
