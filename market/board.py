"""What does everybody see? One table of rates per base currency, as the publisher wrote it."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import redis

from core import push
from core.errors import Code, Refused
from market import catalog

WANTED = "board:wanted"  # sorted set: base -> unix time it was last wanted


@dataclass(frozen=True, slots=True)
class Row:
    """One line, as on the wire: prices are text, missing is None, times ISO 8601.

    `price` is units of `code` per 1 base for fiat, price in base for crypto (`kind`). `since` is
    set where high and low do not cover the whole UTC day.
    """

    code: str
    name: str
    kind: str
    price: str | None
    high: str | None
    low: str | None
    change_pct: str | None
    bid: str | None
    ask: str | None
    as_of: str | None
    state: str
    source: str
    simulated: bool
    reason: str
    since: str | None


@dataclass(frozen=True, slots=True)
class Board:
    """A whole board: `seq` counts the changes of this base within one `epoch` of the publisher."""

    base: str
    seq: int
    epoch: str
    as_of: datetime
    rows: tuple[Row, ...]


def channel(base: str) -> str:
    """Redis channel of a base's frames, and the key of its latest snapshot frame."""
    return f"board:{base}"


def snapshot_text(base: str) -> bytes | None:
    """The latest snapshot frame of a base as the publisher encoded it; raises RedisError."""
    return cast("bytes | None", push.redis_client().get(channel(base)))


def snapshot(base: str) -> Board:
    """The board of a fiat base; raises Refused `unknown_currency`, `not_ready` without prices."""
    code = base.upper()
    if code not in catalog.bases():
        raise Refused(Code.UNKNOWN_CURRENCY, f"There is no board of {base[:12]!r}.")
    try:
        text = snapshot_text(code)
    except redis.RedisError as error:
        raise Refused(Code.NOT_READY, "Prices are not available at the moment.") from error
    if text is None:
        raise Refused(Code.NOT_READY, "There are no prices yet.")
    return _board(json.loads(text))


def want(base: str, *, at: float) -> None:
    """Say that somebody looks at this base (unix seconds), so that it gets every beat."""
    push.redis_client().zadd(WANTED, {base: at})


def _board(frame: dict[str, Any]) -> Board:
    return Board(
        base=frame["base"],
        seq=frame["seq"],
        epoch=frame["epoch"],
        as_of=datetime.fromisoformat(frame["as_of"]),
        rows=tuple(Row(**row) for row in frame["rows"]),
    )
