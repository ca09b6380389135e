"""What the publisher does, for tests of everything that listens: store, then publish."""

import json
import secrets
import time
from datetime import UTC, datetime
from typing import Any

from core.push import redis_client
from market.board import WANTED, channel

ROW = {
    "code": "EUR",
    "name": "Euro",
    "kind": "fiat",
    "price": "0.9",
    "high": "0.91",
    "low": "0.89",
    "change_pct": "0.12",
    "bid": "0.8999",
    "ask": "0.9001",
    "as_of": "2026-11-20T10:00:00+00:00",
    "state": "live",
    "source": "kraken",
    "simulated": False,
    "reason": "",
    "since": None,
}


class Publisher:
    """Writes the boards of one epoch."""

    def __init__(self, *bases: str) -> None:
        self.epoch = secrets.token_hex(4)
        self.boards = {base: {code: row(code) for code in ("EUR", "JPY", "CHF")} for base in bases}
        self.seq = dict.fromkeys(bases, 0)
        for base in bases:
            self.snapshot(base)

    def delta(self, base: str, *codes: str, padding: str = "") -> str:
        """Change rows (their price becomes the new seq); the frame as text."""
        self.seq[base] += 1
        changed = [row(code, price=str(self.seq[base]), reason=padding) for code in codes]
        self.boards[base] |= {one["code"]: one for one in changed}
        self.store(base)
        return self.publish(base, type="delta", rows=changed)

    def snapshot(self, base: str) -> None:
        """The whole board, as at a restart."""
        self.seq[base] += 1
        self.store(base)
        self.publish(base, type="snapshot", rows=list(self.boards[base].values()))

    def beat(self, base: str) -> None:
        self.publish(base, type="beat", now=time.time())

    def store(self, base: str) -> None:
        rows = list(self.boards[base].values())
        redis_client().set(channel(base), json.dumps(self.frame(base, type="snapshot", rows=rows)))

    def publish(self, base: str, **fields: Any) -> str:
        text = json.dumps(self.frame(base, **fields))
        redis_client().publish(channel(base), text)
        return text

    def frame(self, base: str, **fields: Any) -> dict[str, Any]:
        now = datetime.now(UTC).isoformat()
        head = {"base": base, "epoch": self.epoch, "seq": self.seq[base], "as_of": now}
        return head | fields

    def end(self) -> None:
        redis_client().delete(*(channel(base) for base in self.boards), WANTED)


def row(code: str, **changes: Any) -> dict[str, Any]:
    return ROW | {"code": code} | changes
