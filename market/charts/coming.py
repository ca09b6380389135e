"""Is the past of a chart still being made? Then it says so, and looks again by itself.

The simulated market's past is made in the first half minute of a data folder, the fixings' days
too; venues are asked for theirs one instrument after the other, or by `manage.py backfill`.
"""

from contextlib import suppress

from redis import RedisError

from core import clock
from core.push import redis_client
from market import catalog
from market.candles import DAY, HOUR, INTERVALS, MINUTE, Series
from market.simulation import REACH

NOTED_S = 60  # whoever died at it is forgotten


def begin(*symbols: str) -> None:
    """The past of these instruments is asked for. Without Redis nobody is told."""
    with suppress(RedisError):
        pipe = redis_client().pipeline(transaction=False)
        for symbol in symbols:
            pipe.set(_key(symbol), 1, ex=NOTED_S)
        pipe.execute()


def end(symbol: str) -> None:
    """There is no more to come."""
    with suppress(RedisError):
        redis_client().delete(_key(symbol))


def is_coming(found: Series, *, limit: int) -> bool:
    """Whether fewer candles than the `limit` were found because older ones are to come."""
    if len(found.candles) >= limit or found.source is not None:
        return False
    if found.simulated:
        base = MINUTE if INTERVALS[found.interval] < INTERVALS[HOUR] else HOUR
        began = clock.now() - REACH[base] / 2
        return not found.candles or found.candles[0].open_time > began
    if found.interval == DAY and catalog.instrument(found.symbol).kind == "fx":
        return not found.candles
    with suppress(RedisError):
        return bool(redis_client().exists(_key(found.symbol)))
    return False


def _key(symbol: str) -> str:
    return f"candles:coming:{symbol}"
