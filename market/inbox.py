"""How does what a source said reach the one writer of prices? Through a capped Redis stream.

Nothing in here is judged: a `RawTick` carries what the source said, whatever that was. Every number
leaves the inbox as text.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Literal, cast

from core import push

STREAM = "market:raw"
LENGTH_MAX = 20_000
FIELD = b"batch"
DETAIL_MAX = 500  # characters

Transport = Literal["rest", "socket"]
Problem = Literal[
    "unreachable", "html_body", "truncated_json", "rate_limited", "refused_here", "malformed"
]


@dataclass(frozen=True, slots=True)
class RawTick:
    """One price as the source said it; `as_of` is ISO text, epoch milliseconds, or None."""

    symbol: str
    bid: object = None
    ask: object = None
    last: object = None
    volume: object = None
    as_of: object = None


@dataclass(frozen=True, slots=True)
class RawFixing:
    """A day's fixing: units of each currency per 1 EUR, as text; `date` is ISO text."""

    date: str
    rates: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class RawCandle:
    """A source's daily candle; `open_time` is ISO text or epoch milliseconds, 00:00 UTC."""

    symbol: str
    open_time: object
    open: object
    high: object
    low: object
    close: object
    volume: object = None


@dataclass(frozen=True, slots=True)
class Batch:
    """One answer of one source. `problem` says that the whole answer was unusable."""

    source: str
    transport: Transport
    received_at: datetime
    ticks: tuple[RawTick, ...] = ()
    fixings: tuple[RawFixing, ...] = ()
    candles: tuple[RawCandle, ...] = ()
    problem: Problem | None = None
    detail: str = ""


def append(batch: Batch) -> None:
    """Hand a batch to the writer of prices; raises `redis.RedisError`."""
    push.redis_client().xadd(STREAM, {FIELD: _encode(batch)}, maxlen=LENGTH_MAX)


async def append_async(batch: Batch) -> None:
    """`append` for code that runs on an event loop."""
    await push.async_redis().xadd(STREAM, {FIELD: _encode(batch)}, maxlen=LENGTH_MAX)


def read(after: str, *, count: int = 200) -> list[tuple[str, Batch]]:
    """Batches younger than the id `after` ("0-0": all that are kept), oldest first.

    Waits for none. Raises `redis.RedisError`.
    """
    answer = cast(
        "list[tuple[bytes, list[tuple[bytes, dict[bytes, bytes]]]]]",
        push.redis_client().xread({STREAM: after}, count=count),
    )
    entries = answer[0][1] if answer else []
    return [
        (key.decode(), _decode(fields.get(FIELD, b""), key.decode())) for key, fields in entries
    ]


def _encode(batch: Batch) -> str:
    return json.dumps(asdict(batch) | {"detail": batch.detail[:DETAIL_MAX]}, default=_text)


def _text(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _decode(text: bytes, key: str) -> Batch:
    """An entry that another version of this code wrote is a malformed answer, not a crash."""
    try:
        return _batch(json.loads(text, parse_float=str, parse_int=str))
    except (ValueError, TypeError, KeyError) as error:
        received_at = datetime.fromtimestamp(int(key.split("-")[0]) / 1000, UTC)
        detail = f"{type(error).__name__}: {error}"
        return Batch("inbox", "rest", received_at, problem="malformed", detail=detail[:DETAIL_MAX])


def _batch(fields: dict[str, Any]) -> Batch:
    return Batch(
        source=fields["source"],
        transport=fields["transport"],
        received_at=datetime.fromisoformat(fields["received_at"]),
        ticks=tuple(RawTick(**tick) for tick in fields["ticks"]),
        fixings=tuple(RawFixing(**fixing) for fixing in fields["fixings"]),
        candles=tuple(RawCandle(**candle) for candle in fields["candles"]),
        problem=fields["problem"],
        detail=fields["detail"],
    )
