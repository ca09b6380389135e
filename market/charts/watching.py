"""Which charts are watched here? The topics of this web process, kept wanted in Redis.

The `stream` process publishes a forming candle once a second for every member of `candles:wanted`
(`EUR-USD|1h`), and the indicators of those in `indicators:wanted` (`EUR-USD|1h|rsi`); the score
is the unix time of the last wish, which holds 15 s.
"""

import asyncio
import contextlib
import json
import time
from collections import Counter
from collections.abc import Sequence

import redis
from channels.db import database_sync_to_async

from core.push import async_redis
from core.push.hub import Topic, hub
from core.push.peers import Frame
from market import candles, catalog
from market.studies.wishes import parse_all

CANDLES, INDICATORS = "candles:wanted", "indicators:wanted"
WANTED_FOR_S = 15.0
WANTED_EVERY_S = 4.0
ADDRESS_MAX = 100  # indicators that one address may have computed by this process's wish

_held: Counter[str] = Counter()  # indicators wanted here, by the address that wants them


class Chart(Topic):
    """One instrument in one interval: the newest candle frame is for whoever comes, or is slow."""

    def __init__(self, symbol: str, interval: str) -> None:
        super().__init__(channel(symbol, interval))
        self.member = f"{symbol}|{interval}"
        self.studies: Counter[str] = Counter()
        self.last: Frame | None = None
        self.heard_at = 0.0  # monotonic

    async def take(self, message: bytes) -> Frame | None:
        """Pass a frame on; a candle is remembered."""
        frame = Frame(message.decode())
        if json.loads(message)["type"] == "candle":
            self.last, self.heard_at = frame, time.monotonic()
        return frame

    def newest(self) -> Frame | None:
        """The candle as it was last told, unless that is long ago."""
        return self.last if time.monotonic() - self.heard_at < WANTED_FOR_S else None

    async def want(self) -> None:
        """Have the candle and the indicators published; raises RedisError."""
        now = time.time()
        wishes = {f"{self.member}|{name}": now for name in self.studies}
        async with async_redis().pipeline(transaction=False) as pipe:
            pipe.zadd(CANDLES, {self.member: now})
            if wishes:
                pipe.zadd(INDICATORS, wishes)
            for key in (CANDLES, INDICATORS):
                pipe.zremrangebyscore(key, "-inf", now - 4 * WANTED_FOR_S)
            await pipe.execute()


def channel(symbol: str, interval: str) -> str:
    """The Redis channel of an instrument's candles and indicators."""
    return f"candles:{symbol}:{interval}"


async def find(symbol: str, interval: str) -> Chart:
    """The topic of a chart; raises Refused `not_found`, `malformed`."""
    candles.step_of(interval)
    pair = await database_sync_to_async(catalog.instrument)(symbol)
    topic = hub.topics.setdefault(channel(pair.symbol, interval), Chart(pair.symbol, interval))
    assert isinstance(topic, Chart)
    return topic


def studies(names: str) -> tuple[str, ...]:
    """The indicators a query names, as texts; raises Refused `not_found`, `malformed`."""
    return tuple(wish.text for wish in parse_all(names, {})) if names.strip() else ()


def has_room(address: str, names: Sequence[str]) -> bool:
    """Whether an address may want these indicators besides all it wants already."""
    return not names or _held[address] + len(names) <= ADDRESS_MAX


async def begin(chart: Chart, names: Sequence[str], *, address: str) -> None:
    """Somebody at an address watches these indicators of a chart now."""
    _held[address] += len(names)
    chart.studies.update(names)
    with contextlib.suppress(redis.RedisError):
        await chart.want()


def end(chart: Chart, names: Sequence[str], *, address: str) -> None:
    """One watches them no more."""
    _held[address] -= len(names)
    if _held[address] <= 0:
        del _held[address]
    chart.studies = +(chart.studies - Counter(names))


async def keep_wanted() -> None:
    """Go on wanting every chart somebody looks at, for as long as the process lives."""
    while True:
        await asyncio.sleep(WANTED_EVERY_S)
        with contextlib.suppress(redis.RedisError):
            for topic in tuple(hub.topics.values()):
                if isinstance(topic, Chart) and topic.size:
                    await topic.want()
