"""Which forming candle was published last? For those who compute with it between two writings."""

import json
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from redis import RedisError
from redis.client import Pipeline

from core import clock
from core.push import redis_client
from market.candles import Candle, Series

KEPT_S = 30  # nothing is published while nothing changes; every writing of candles is younger


def keep(pipe: Pipeline, symbol: str, interval: str, frame: str) -> None:
    """Remember a frame of `candles:SYMBOL:INTERVAL`."""
    pipe.set(key(symbol, interval), frame, ex=KEPT_S)


def frames(places: Iterable[tuple[str, str]]) -> dict[tuple[str, str], dict[str, Any]]:
    """What was told last of each (symbol, interval), where anything was. Raises RedisError."""
    wanted = list(places)
    if not wanted:
        return {}
    found = redis_client().mget([key(*place) for place in wanted])
    return {place: json.loads(said) for place, said in zip(wanted, found, strict=True) if said}


def up_to_date(found: Series) -> Series:
    """`found` with its forming candle as it was told last; as it is stored while Redis is away."""
    if found.forming is None:
        return found
    place = (found.symbol, found.interval)
    try:
        frame = frames([place]).get(place)
    except RedisError:
        return found
    return replace(found, forming=brought_up_to_date(found.forming, frame))


def brought_up_to_date(stored: Candle, frame: dict[str, Any] | None) -> Candle:
    """The forming candle as it was told last, if that is the same one."""
    same = frame is not None and (frame["time"], frame["source"], frame["closed"]) == (
        *(clock.iso(stored.open_time), stored.source, False),
    )
    if frame is None or not same:
        return stored
    return replace(
        stored,
        open=Decimal(frame["open"]),
        high=Decimal(frame["high"]),
        low=Decimal(frame["low"]),
        close=Decimal(frame["close"]),
        volume=stored.volume if frame["volume"] is None else Decimal(frame["volume"]),
    )


def key(symbol: str, interval: str) -> str:
    """Where the frame lies in Redis."""
    return f"candles:last:{symbol}:{interval}"
