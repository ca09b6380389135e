"""What does the candle that forms look like now? Published once a second to whoever watches.

The writer of prices knows the minute that forms; what came before it in the hour or day is read
when somebody begins to watch, or when it was healed, and carried on from there. What is over is
told as it was stored: a minute only if it ran whole, a longer candle as it was rolled up.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import cast

import redis

from core import push
from market.candles import DAY, INTERVALS, MINUTE, Candle
from market.catalog import InstrumentInfo
from market.charts import answers, healed, told
from market.charts.watching import CANDLES, WANTED_FOR_S, channel
from market.gaps import bucket
from market.pricing import Memory
from market.today import minute_source

EVERY = timedelta(seconds=1)
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
PATIENCE = timedelta(seconds=15)  # so long a candle that is over is waited for


@dataclass(frozen=True, slots=True)
class Stored:
    """How to read what was stored; both raise Django's database errors."""

    # (instrument, source of ours, interval, start, before): the candle so far, of all sources
    so_far: Callable[[int, str, str, datetime, datetime], Candle | None]
    # (instrument, source, interval, start): the closed candle that began then
    closed: Callable[[int, str, str, datetime], Candle | None]


@dataclass(slots=True)
class Watched:
    """One instrument in one interval while somebody looks at it."""

    pair: InstrumentInfo
    interval: str
    before: Candle | None = None  # the minutes of this candle that are over
    minute: Candle | None = None  # the one that forms, or formed last
    ended: bool = False
    told: tuple[object, ...] = ()
    heals: bytes | None = None  # as `healed.TIMES` counts them
    unread: bool = True  # what was before this minute

    @property
    def step(self) -> timedelta:
        """How long the candle lasts."""
        return INTERVALS[self.interval]

    def frames(self, minute: Candle | None, at: datetime, stored: Stored) -> Iterator[str]:
        """What to tell now: a candle that is over once, the one that forms where it changed."""
        if self.minute is not None and not self.ended and at >= self._end(self.minute):
            closed = self._closed(self.minute, stored)
            self.ended = closed is not None or at >= self._end(self.minute) + PATIENCE
            if closed is not None:
                yield self._frame(closed, closed=True)
        if minute is None or at >= self._end(minute):
            return
        self._adopt(minute, stored)
        whole = self._whole(minute)
        prices = (whole.open, whole.high, whole.low, whole.close)
        figures = (whole.open_time, *prices, whole.volume)
        if figures != self.told:
            self.told = figures
            yield self._frame(whole, closed=False)

    def hear(self, heals: bytes | None) -> None:
        """Have what came before read once more, if that has become another since."""
        self.unread = self.unread or heals != self.heals
        self.heals = heals

    def _adopt(self, minute: Candle, stored: Stored) -> None:
        known = self.minute
        if known is minute and not self.unread:
            return
        start = bucket(minute.open_time, self.step)
        if known is None or self.unread or known.source != minute.source:
            place = (minute.instrument_id, minute.source, self.interval)
            self.before = stored.so_far(*place, start, minute.open_time)
            self.unread = False
        elif bucket(known.open_time, self.step) != start:
            self.before = None
        else:
            self.before = self._whole(known)
        self.minute, self.ended = minute, False

    def _whole(self, minute: Candle) -> Candle:
        """The candle so far: what is over, and this minute."""
        first = self.before or minute
        return replace(
            first,
            source=minute.source,
            interval=self.interval,
            open_time=bucket(minute.open_time, self.step),
            high=max(first.high, minute.high),
            low=min(first.low, minute.low),
            close=minute.close,
            volume=_sum(self.before.volume, minute.volume) if self.before else minute.volume,
        )

    def _closed(self, minute: Candle, stored: Stored) -> Candle | None:
        if self.interval == MINUTE:
            return minute if minute.closed else None
        start = bucket(minute.open_time, self.step)
        return stored.closed(minute.instrument_id, minute.source, self.interval, start)

    def _end(self, minute: Candle) -> datetime:
        return bucket(minute.open_time, self.step) + self.step

    def _frame(self, whole: Candle, *, closed: bool) -> str:
        name = self.pair.symbol.replace("-", "/")
        head = {"type": "candle", "instrument": name, "interval": self.interval}
        body = head | answers.candle(whole) | {"closed": closed}
        return json.dumps(body, separators=(",", ":"))


class Live:
    """All that is watched, on the side of the writer of prices."""

    def __init__(self) -> None:
        self.watched: dict[str, Watched] = {}
        self.sent_at = LONG_AGO

    def send(self, known: Memory, stored: Stored, *, at: datetime) -> None:
        """Publish what changed, once a second; raises RedisError and what `stored` raises."""
        if at - self.sent_at < EVERY:
            return
        self.sent_at = at
        client = push.redis_client()
        self._follow(client, known, at)
        pipe = client.pipeline(transaction=False)
        for one in self.watched.values():
            for frame in one.frames(_minute(known, one), at, stored):
                pipe.publish(channel(one.pair.symbol, one.interval), frame)
                told.keep(pipe, one.pair.symbol, one.interval, frame)
        pipe.execute()

    def _follow(self, client: redis.Redis, known: Memory, at: datetime) -> None:
        """Forget what nobody looks at any more, begin what somebody does."""
        pipe = client.pipeline(transaction=False)
        pipe.zrangebyscore(CANDLES, at.timestamp() - WANTED_FOR_S, "+inf")
        pipe.hgetall(healed.TIMES)
        members, heals = cast("tuple[list[bytes], dict[bytes, bytes]]", pipe.execute())
        wanted: dict[str, Watched] = {}
        for member in members:
            symbol, _, interval = member.decode().partition("|")
            pair = known.listing.instruments.get(symbol)
            if pair is not None and interval in INTERVALS:
                key = f"{symbol}|{interval}"
                wanted[key] = self.watched.get(key) or Watched(pair, interval)
                wanted[key].hear(heals.get(symbol.encode()))
        self.watched = wanted


def _sum(before: Decimal | None, volume: Decimal | None) -> Decimal | None:
    return before if volume is None else volume + (before or 0)


def _minute(known: Memory, one: Watched) -> Candle | None:
    """The instrument's minute; days of simulated fiat are the fixings, which do not form."""
    codes = (one.pair.base, one.pair.quote)
    legs = [leg for code in codes if (leg := known.listing.leg(code))]
    simulated = any(leg.symbol in known.simulated for leg in legs)
    if simulated and one.interval == DAY and one.pair.kind == "fx":
        return None
    forming = known.minutes.forming.get((one.pair.id, minute_source(simulated)))
    return forming.candle if forming else None
