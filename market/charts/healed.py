"""Who hears that the past has become another? Every open chart of it, and its last candle.

On the channel of a chart, `{"type": "healed", "instrument", "interval", "start", "end", "candles",
"gaps"}`: all closed candles that open in [start, end), and what is missing there still. Of a long
time `{"type": "changed", "instrument", "interval", "start", "end"}`: the chart fetches it itself.
"""

import contextlib
import json
from datetime import datetime, timedelta
from typing import Any, cast

import redis
from django.db import DatabaseError

from core import clock
from core.clock import iso
from core.push import redis_client
from market import candles
from market.candles import INTERVALS
from market.charts import answers
from market.charts.watching import CANDLES, WANTED_FOR_S, channel
from market.gaps import bucket

CANDLES_MAX = 200  # of one frame
TIMES = "candles:healed"  # how many times, by symbol


def tell(symbol: str, base: str, start: datetime, end: datetime) -> None:
    """Publish what opens in [start, end) now, in each interval from `base` on that is watched.

    The candles that form are told to take it in, whoever watches them.

    Without Redis or PostgreSQL nobody is told: what is stored is stored.
    """
    with contextlib.suppress(redis.RedisError, DatabaseError):
        client = redis_client()
        client.hincrby(TIMES, symbol, 1)
        wanted = watched()
        for interval in [*INTERVALS][[*INTERVALS].index(base) :]:
            if f"{symbol}|{interval}" in wanted:
                client.publish(channel(symbol, interval), _frame(symbol, interval, start, end))


def watched() -> set[str]:
    """Which charts somebody looks at, `EUR-USD|1h`; raises RedisError."""
    since = clock.now().timestamp() - WANTED_FOR_S
    members = cast("list[bytes]", redis_client().zrangebyscore(CANDLES, since, "+inf"))
    return {one.decode() for one in members}


def _frame(symbol: str, interval: str, start: datetime, end: datetime) -> str:
    step = INTERVALS[interval]
    first = bucket(start, step)
    until = min(bucket(end - timedelta.resolution, step) + step, bucket(clock.now(), step))
    body = {
        "type": "changed",
        "instrument": symbol.replace("-", "/"),
        "interval": interval,
        "start": iso(first),
        "end": iso(until),
    }
    if until - first <= CANDLES_MAX * step:
        body |= {"type": "healed"} | _between(symbol, interval, first, until)
    return json.dumps(body, separators=(",", ":"))


def _between(symbol: str, interval: str, start: datetime, end: datetime) -> dict[str, Any]:
    """The closed candles of [start, end), and the gaps."""
    # One more: a gap is seen from the candle before it.
    found = candles.series(symbol, interval, end=end, limit=CANDLES_MAX + 1)
    lacking = [
        {"start": iso(max(gap.start, start)), "end": iso(gap.end), "reason": gap.reason}
        for gap in found.gaps
        if gap.end > start
    ]
    told = [answers.candle(one) for one in found.candles if one.open_time >= start]
    return {"candles": told, "gaps": lacking}
