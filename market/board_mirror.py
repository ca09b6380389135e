"""What does this web process know of every board? A copy kept fresh by the publisher's frames."""

import asyncio
import contextlib
import json
import math
import re
import time
from collections import deque
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

import redis

from core import clock
from core.clock import iso
from core.errors import Code, Refused
from core.push import async_redis
from core.push.hub import Topic, hub
from core.push.peers import Frame
from market import board, catalog
from market.quotes import NO_NEW_PRICE

DELTAS_KEPT = 64
FED_S = 6.0  # the publisher says something of a wanted base every 5 s
READ_EVERY_S = 1.0  # how often the stored snapshot is looked at while it does not
WANTED_EVERY_S = 2.0  # a base asked for counts as wanted at least 10 s
STALE = {"state": "stale", "reason": NO_NEW_PRICE}
CODE = re.compile(r"^[A-Z]{3}$", re.ASCII)

Row = dict[str, Any]


@dataclass(frozen=True, eq=False)
class Moment:
    """One board at one `seq`: every form it is sent in is encoded once, when first needed."""

    base: str
    epoch: str
    seq: int
    as_of: str
    rows: dict[str, Row]

    @property
    def id(self) -> str:
        """EPOCH:N, by which a listener resumes."""
        return f"{self.epoch}:{self.seq}"

    @cached_property
    def snapshot(self) -> Frame:
        """The frame that makes any listener's board this one."""
        head = {"type": "snapshot", "base": self.base, "epoch": self.epoch, "seq": self.seq}
        return Frame(_json(head | {"as_of": self.as_of, "rows": [*self.rows.values()]}), self.id)

    @cached_property
    def answer(self) -> bytes:
        """The body of `GET quotes/`."""
        head = {"base": self.base, "as_of": self.as_of, "seq": self.seq}
        return _json(head | {"results": [*self.rows.values()]}).encode()

    @cached_property
    def live_until(self) -> datetime:
        """When the first of its live prices is too old to be called that any more."""
        return min(map(_live_until, self.rows.values()), default=board.FAR)

    def aged(self, at: datetime) -> "Moment":
        """This board as it has to be shown later, while the publisher is silent."""
        old = {code: row | STALE for code, row in self.rows.items() if _live_until(row) < at}
        return Moment(self.base, self.epoch, self.seq, iso(at), self.rows | old)

    def after(self, frame: dict[str, Any]) -> "Moment":
        """This board with the rows of the next delta put in."""
        changed = {row["code"]: row for row in frame["rows"]}
        as_of = frame.get("as_of", self.as_of)
        return Moment(self.base, self.epoch, frame["seq"], as_of, self.rows | changed)


class Mirror(Topic):
    """One base's board. Until the first snapshot there is no `now`, and nothing is passed on."""

    is_kept = True

    def __init__(self, base: str) -> None:
        super().__init__(board.channel(base))
        self.base = base
        self.now: Moment | None = None
        self.left: Moment | None = None
        self.deltas: deque[tuple[int, Frame]] = deque(maxlen=DELTAS_KEPT)
        self.heard_at = self.read_at = self.wanted_at = -math.inf  # monotonic seconds

    @property
    def board(self) -> Moment:
        """The board of this moment; raises Refused `not_ready` before the first snapshot."""
        if self.now is None:
            raise Refused(Code.NOT_READY, "There are no prices yet.")
        at = clock.now()
        return self.now if at <= self.now.live_until else self._left_alone(self.now, at)

    @property
    def is_fresh(self) -> bool:
        """Is there no need to look at the stored snapshot now?"""
        quiet_s = time.monotonic() - self.heard_at
        return quiet_s < FED_S or time.monotonic() - self.read_at < READ_EVERY_S

    @property
    def is_wanted(self) -> bool:
        """Does the publisher know that somebody looks at this base?"""
        return time.monotonic() - self.wanted_at < WANTED_EVERY_S

    async def take(self, message: bytes) -> Frame | None:
        """Put a published frame in and pass it on; a gap is filled from the stored snapshot."""
        frame = json.loads(message)
        if frame["type"] == "snapshot":
            return self._put_snapshot(frame)
        if self.now is None or frame.get("epoch", self.now.epoch) != self.now.epoch:
            return await self.catch_up()
        self.heard_at = time.monotonic()
        ahead = frame["seq"] - self.now.seq
        if frame["type"] == "beat" and ahead <= 0:
            return Frame(message.decode())
        if frame["type"] == "beat" or ahead > 1:
            return await self.catch_up()
        if ahead <= 0:
            return None
        self.now = self.now.after(frame)
        delta = Frame(message.decode(), self.now.id)
        self.deltas.append((self.now.seq, delta))
        return delta

    def newest(self) -> Frame | None:
        """The snapshot of this moment."""
        return None if self.now is None else self.now.snapshot

    async def catch_up(self) -> Frame | None:
        """Read the stored snapshot; answers with it when it is newer than what was known."""
        self.read_at = time.monotonic()  # also of a try in vain: the others do not wait for it
        stored = await async_redis().get(self.channel)
        return None if stored is None else self._put_snapshot(json.loads(stored))

    def since(self, id_: str) -> list[Frame]:
        """What a listener lacks that has seen `id_` (EPOCH:N): deltas, or the snapshot."""
        if self.now is None:
            return []
        epoch, _, number = id_.rpartition(":")
        if epoch == self.now.epoch and number.isascii() and number.isdigit():
            missing = [frame for seq, frame in self.deltas if seq > int(number[:18])]
            if len(missing) == self.now.seq - int(number[:18]):
                return missing
        return [self.now.snapshot]

    async def want(self) -> None:
        """Keep the publisher encoding this base at every beat; raises RedisError."""
        self.wanted_at = time.monotonic()
        await async_redis().zadd(board.WANTED, {self.base: time.time()})

    def _left_alone(self, now: Moment, at: datetime) -> Moment:
        """`now` with its old prices marked; made anew when another price has grown old."""
        if self.left is None or self.left.id != now.id or at > self.left.live_until:
            self.left = now.aged(at)
        return self.left

    def _put_snapshot(self, frame: dict[str, Any]) -> Frame | None:
        known = self.now
        self.heard_at = time.monotonic()
        if known is not None and known.epoch == frame["epoch"] and frame["seq"] <= known.seq:
            return None
        rows = {row["code"]: row for row in frame["rows"]}
        self.now = Moment(self.base, frame["epoch"], frame["seq"], frame["as_of"], rows)
        self.deltas.clear()
        return self.now.snapshot


def _live_until(row: Row) -> datetime:
    return board.live_until(row["state"], row["as_of"])


def known(base: str) -> Mirror | None:
    """The mirror of a base that can be answered from at once, without asking Redis."""
    mirror = _kept(base)
    return mirror if mirror and mirror.now and mirror.is_fresh and mirror.is_wanted else None


async def find(base: str) -> Mirror:
    """The mirror of a base in any case, with a board in it.

    Raises Refused: `unknown_currency` for what is no fiat currency of ours, `not_ready` while
    nothing has been published.
    """
    code = base.upper()
    if not CODE.match(code):
        raise _unknown(base)
    try:
        return await _find(code)
    except redis.RedisError as error:
        raise Refused(Code.NOT_READY, "Prices are not available at the moment.") from error


async def keep_wanted() -> None:
    """Go on wanting every base somebody listens to, for as long as the process lives."""
    while True:
        await asyncio.sleep(WANTED_EVERY_S)
        with contextlib.suppress(redis.RedisError):
            for topic in tuple(hub.topics.values()):
                if isinstance(topic, Mirror) and topic.size:
                    await topic.want()


async def _find(code: str) -> Mirror:
    mirror = _kept(code) or Mirror(code)
    try:
        if not mirror.is_fresh:
            await hub.refresh(mirror)
        if mirror.now is None:
            raise await _why_absent(code)
        if not mirror.is_wanted:
            await mirror.want()
    except redis.RedisError:
        if mirror.now is None:
            raise
    hub.topics.setdefault(mirror.channel, mirror)
    return _kept(code) or mirror  # another connection may have been first


def _kept(code: str) -> Mirror | None:
    topic = hub.topics.get(board.channel(code))
    return topic if isinstance(topic, Mirror) else None


async def _why_absent(code: str) -> Refused:
    if await async_redis().exists(board.channel(catalog.HUB)):
        return _unknown(code)
    return Refused(Code.NOT_READY, "There are no prices yet.")


def _unknown(base: str) -> Refused:
    return Refused(Code.UNKNOWN_CURRENCY, f"There is no board of {base[:12]!r}.")


def _json(value: dict[str, Any]) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
