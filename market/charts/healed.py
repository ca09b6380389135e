"""Who hears that the past has become another? Every open chart of it: its candles anew, and gaps.

On the channel of a chart, `{"type": "healed", "instrument", "interval", "start", "end", "candles",
"gaps"}`: all closed candles that open in [start, end), and what is missing there still.
"""

import contextlib
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import cast

import redis

from core import clock
from core.clock import iso
from core.push import redis_client
from market import candles
from market.candles import INTERVALS
from market.charts import answers
from market.charts.watching import CANDLES, WANTED_FOR_S, channel
from market.gaps import bucket

CANDLES_MAX = 200  # of one frame: more come in several


def tell(symbol: str, base: str, start: datetime, end: datetime) -> None:
    """Publish what opens in [start, end) now, in each interval from `base` on that is watched.

    Without Redis nobody is told. Raises Django's database errors.
    """
    with contextlib.suppress(redis.RedisError):
        client = redis_client()
        since = clock.now().timestamp() - WANTED_FOR_S
        wanted = cast("list[bytes]", client.zrangebyscore(CANDLES, since, "+inf"))
        for interval in [*INTERVALS][[*INTERVALS].index(base) :]:
            if f"{symbol}|{interval}".encode() in wanted:
                for frame in _frames(symbol, interval, start, end):
                    client.publish(channel(symbol, interval), frame)


def _frames(symbol: str, interval: str, start: datetime, end: datetime) -> Iterator[str]:
    """Oldest first; none of an instrument that is simulated, whose past nobody heals."""
    step = INTERVALS[interval]
    first = bucket(start, step)
    over = min(bucket(end - timedelta.resolution, step) + step, bucket(clock.now(), step))
    while first < over:
        until = min(first + CANDLES_MAX * step, over)
        # One more: a gap is seen from the candle before it.
        found = candles.series(symbol, interval, end=until, limit=CANDLES_MAX + 1)
        if found.simulated:
            return
        told = [answers.candle(one) for one in found.candles if one.open_time >= first]
        lacking = [
            {"start": iso(max(gap.start, first)), "end": iso(gap.end), "reason": gap.reason}
            for gap in found.gaps
            if gap.end > first
        ]
        head = {"type": "healed", "instrument": symbol.replace("-", "/"), "interval": interval}
        body = {"start": iso(first), "end": iso(until), "candles": told, "gaps": lacking}
        yield json.dumps(head | body, separators=(",", ":"))
        first = until
