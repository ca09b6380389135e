"""What did a source literally answer? One body per source and minute, for research.

Bodies wait in a capped Redis stream until the lake's hourly task takes whole hours of them. They
are material, no truth: what Redis loses is lost. Request headers and queries, where secrets
stand, are never kept; nor is a body beyond 512 KB.
"""

import gzip
import json
import time
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import cast

import redis

from core import clock
from core.masking import masked
from core.push import redis_client

STREAM = "market:bodies"
LENGTH_MAX = 5_000  # of half a day's five sources
BODY_MAX = 512 * 1024  # characters
KEPT = timedelta(hours=2)  # after they lie in the lake
HOUR = timedelta(hours=1)

_noted: dict[str, int] = {}  # the minute this process last looked at, by source


@dataclass(frozen=True, slots=True)
class Body:
    """One kept answer, as a line of JSON: at, source, path, status, body."""

    source: str
    line: str


def keep(source: str, path: str, *, status: int, body: str) -> None:
    """Keep an answer if it is the source's first of the minute; trouble with Redis is none here."""
    minute = int(time.time()) // 60
    if _noted.get(source) == minute or len(body) > BODY_MAX:
        return
    _noted[source] = minute
    with suppress(redis.RedisError):
        if redis_client().set(f"market:body:{source}:{minute}", 1, nx=True, ex=120):
            redis_client().xadd(
                STREAM,
                {"source": source, "line": _packed(source, path, status, body)},
                maxlen=LENGTH_MAX,
            )


def of_hour(start: datetime) -> Iterator[Body]:
    """Every body that came in the hour from `start`, oldest first; raises `redis.RedisError`.

    What another version of this code wrote is passed over.
    """
    first, last = _milliseconds(start), _milliseconds(start + HOUR) - 1
    entries = cast(
        "list[tuple[bytes, dict[bytes, bytes]]]", redis_client().xrange(STREAM, first, last)
    )
    for _, fields in entries:
        with suppress(OSError, EOFError, zlib.error, KeyError, ValueError):
            line = gzip.decompress(fields[b"line"]).decode()
            yield Body(fields[b"source"].decode(), line)


def first_hour() -> datetime | None:
    """The hour of the oldest body that waits; raises `redis.RedisError`."""
    entries = cast("list[tuple[bytes, object]]", redis_client().xrange(STREAM, count=1))
    if not entries:
        return None
    came_at = datetime.fromtimestamp(int(entries[0][0].split(b"-")[0]) / 1000, UTC)
    return came_at.replace(minute=0, second=0, microsecond=0)


def forget(before: datetime) -> None:
    """Let go of whole hours of bodies that came earlier; raises `redis.RedisError`."""
    hour = before.replace(minute=0, second=0, microsecond=0)
    redis_client().xtrim(STREAM, minid=_milliseconds(hour), approximate=False)


def _packed(source: str, path: str, status: int, body: str) -> bytes:
    said = {"at": clock.iso(clock.now()), "source": source, "path": path}
    line = json.dumps(said | {"status": status, "body": masked(body)})
    return gzip.compress(line.encode(), mtime=0)


def _milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
