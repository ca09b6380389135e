"""Which charts does somebody look at now, and with which indicators?

Sockets keep the Redis set `indicators:wanted` fresh: members `EUR-USD|1h|rsi` (or `…|macd:5:20:9`),
scores unix seconds of the last wish.
"""

from typing import NamedTuple

from core.errors import Refused
from core.push import redis_client
from market.studies.wishes import Wish, parse

WANTED = "indicators:wanted"
FRESH_S = 15.0
CHARTS_MAX = 500


class Chart(NamedTuple):
    """An instrument in one interval."""

    symbol: str
    interval: str


def any_chart(*, at: float) -> bool:
    """Whether somebody looks at any indicator. Raises RedisError."""
    return bool(redis_client().zcount(WANTED, at - FRESH_S, "+inf"))


def charts(*, at: float) -> dict[Chart, list[Wish]]:
    """What somebody looked at in the last 15 s; forgets the rest. Raises RedisError."""
    with redis_client().pipeline() as pipe:
        pipe.zremrangebyscore(WANTED, "-inf", at - FRESH_S)
        pipe.zrevrange(WANTED, 0, CHARTS_MAX * 4)
        members = pipe.execute()[1]
    found: dict[Chart, list[Wish]] = {}
    for member in members:
        symbol, _, rest = member.decode().partition("|")
        interval, _, text = rest.partition("|")
        try:
            wish = parse(text)
        except Refused:
            continue
        chart = Chart(symbol, interval)
        if chart in found or len(found) < CHARTS_MAX:
            found.setdefault(chart, []).append(wish)
    return found
