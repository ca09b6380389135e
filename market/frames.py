"""What goes out at every beat? Latest prices, snapshots and frames, from the publisher to Redis.

For each base `seq` counts the changes; the key `board:<BASE>` holds the newest snapshot frame and
the channel of that name carries snapshot, delta and beat frames. A new `epoch` begins with each
publisher; the key `market:epoch` also shows that Redis still has what was written.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import uuid4

import redis

from core import push
from core.clock import iso
from core.push import heartbeats
from market import board, quotes, simulation
from market.board import WANTED, channel
from market.pricing import Memory
from market.quotes import ReferencePrice
from market.today import worth_of
from market.writer import Deposed

EPOCH = "market:epoch"
WANTED_FOR = timedelta(seconds=15)
SLOW = timedelta(seconds=5)  # bases nobody looks at, and the beat frame
SIGN_EVERY = timedelta(seconds=1)
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
FIELDS = tuple(board.Row.__dataclass_fields__)


@dataclass(slots=True)
class Sent:
    """What the listeners of one base have: rows as encoded, by code in the order shown."""

    seq: int = 0
    rows: dict[str, str] = field(default_factory=dict)
    dirty: set[str] | None = None  # codes to look at again; None: all


class Frames:
    """The outgoing side of the writer of prices; what Redis refused is sent at the next beat."""

    def __init__(self) -> None:
        self.epoch = uuid4().hex[:12]
        self.sent: dict[str, Sent] = {}
        self.unsent: dict[str, ReferencePrice] = {}
        self.claimed = False
        self.simulated: frozenset[str] | None = None
        self.slow_at = self.signed_at = LONG_AGO

    def touch(self, codes: Iterable[str], known: Memory) -> None:
        """Note which currencies have another price; a base that moved moves its whole board."""
        moved = set(codes)
        for pair in known.direct:
            if worth_of(pair)[0] in moved:
                self.unsent[pair.symbol] = known.prices[pair.symbol]
        for base, sent in self.sent.items():
            if base in moved:
                sent.dirty = None
            elif sent.dirty is not None:
                sent.dirty |= moved

    def touch_all(self) -> None:
        """Look at every row again: a new day, another catalog."""
        for sent in self.sent.values():
            sent.dirty = None

    def send(self, known: Memory, *, at: datetime) -> None:
        """One beat. Raises Deposed, and RedisError with everything kept for the next beat."""
        client = push.redis_client()
        whole = self._claim(client)
        slow = whole or at - self.slow_at >= SLOW
        pipe = client.pipeline(transaction=False)
        prices = known.prices if whole else self.unsent
        if prices:
            latest = {symbol: quotes.encode(price) for symbol, price in prices.items()}
            pipe.hset(quotes.LATEST, mapping=cast("Any", latest))
        if whole or known.simulated != self.simulated:
            pipe.set(simulation.SIMULATED, json.dumps(sorted(known.simulated)))
        for gone in self.sent.keys() - set(known.listing.bases):
            pipe.delete(channel(gone))
            del self.sent[gone]
        due = known.listing.bases if slow else self._wanted(client, known, at)
        news = [self._put(pipe, base, known, at=at, whole=whole) for base in due]
        if slow and not whole:
            for base, sent in zip(due, news, strict=True):
                self._put_beat(pipe, base, sent.seq, at)
        pipe.execute()
        self._keep(dict(zip(due, news, strict=True)), known.simulated)
        if slow:
            self.slow_at = at
        if at - self.signed_at >= SIGN_EVERY:
            heartbeats.sign("publisher")
            self.signed_at = at

    def _claim(self, client: redis.Redis) -> bool:
        """Whether everything has to be written: at the start, and after Redis was emptied."""
        holder = cast("bytes | None", client.get(EPOCH))
        if holder == self.epoch.encode():
            return False
        if self.claimed and holder is not None:
            raise Deposed("another publisher has begun a new epoch")
        client.set(EPOCH, self.epoch)
        self.claimed = True
        return True

    def _wanted(self, client: redis.Redis, known: Memory, at: datetime) -> tuple[str, ...]:
        since = (at - WANTED_FOR).timestamp()
        wanted = cast("list[bytes]", client.zrangebyscore(WANTED, since, "+inf"))
        return tuple(base for base in known.listing.bases if base.encode() in wanted)

    def _put(self, pipe: Any, base: str, known: Memory, *, at: datetime, whole: bool) -> Sent:
        """Add a base's frame to the pipe if it changed; answers with what will have been sent."""
        sent = self.sent.get(base, Sent())
        rows = self._rows(base, sent, known)
        changed = [code for code, text in rows.items() if sent.rows.get(code) != text]
        same_lines = rows.keys() == sent.rows.keys()
        if not changed and same_lines and not whole:
            return Sent(sent.seq, sent.rows, set())
        seq = sent.seq + 1 if changed or not same_lines else sent.seq
        snapshot = self._frame("snapshot", base, seq, at, rows.values())
        pipe.set(channel(base), snapshot)
        if whole or not same_lines:
            pipe.publish(channel(base), snapshot)
        else:
            delta = self._frame("delta", base, seq, at, (rows[code] for code in changed))
            pipe.publish(channel(base), delta)
        return Sent(seq, rows, set())

    def _put_beat(self, pipe: Any, base: str, seq: int, at: datetime) -> None:
        head = {"type": "beat", "base": base, "epoch": self.epoch, "seq": seq, "now": iso(at)}
        pipe.publish(channel(base), json.dumps(head, separators=(",", ":")))

    def _rows(self, base: str, sent: Sent, known: Memory) -> dict[str, str]:
        """Every line as encoded; only those of touched currencies are made anew."""
        legs = {
            worth_of(pair)[0]: known.prices[pair.symbol]
            for pair in known.direct
            if pair.symbol in known.prices
        }
        return {
            info.code: sent.rows[info.code]
            if sent.dirty is not None and info.code not in sent.dirty and info.code in sent.rows
            else _encoded(board.row(info, base=base, legs=legs, today=known.today, book=known.book))
            for info in known.listing.currencies.values()
            if info.code != base
        }

    def _frame(self, type_: str, base: str, seq: int, at: datetime, rows: Iterable[str]) -> str:
        """A frame as JSON, its rows being JSON already."""
        head = f'{{"type":"{type_}","base":"{base}","epoch":"{self.epoch}","seq":{seq}'
        return f'{head},"as_of":"{iso(at)}","rows":[{",".join(rows)}]}}'

    def _keep(self, news: Mapping[str, Sent], simulated: frozenset[str]) -> None:
        """Redis has it: from now on only what differs goes out."""
        self.sent.update(news)
        self.unsent = {}
        self.simulated = simulated


def _encoded(row: board.Row) -> str:
    fields = {name: getattr(row, name) for name in FIELDS}
    return json.dumps(fields, separators=(",", ":"), ensure_ascii=False)
