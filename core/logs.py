"""How are requests logged that never reach Django? In its words, a batch at a time.

A handler that answers in 20 microseconds cannot afford one logging call per request: records are
kept for half a second, then written and counted together. A killed process loses that much.
"""

import asyncio
import json
import secrets
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from itertools import count
from typing import Any, NamedTuple

from core.metrics import NATIVE_REQUESTS, NATIVE_SECONDS

FLUSH_S = 0.5

_prefix = secrets.token_hex(6)
_number = count(1)


class Answered(NamedTuple):
    """One request that was answered; `at` in unix seconds, `took` in seconds."""

    at: float
    took: float
    method: str
    path: str
    status: int
    client: str
    request_id: str


_waiting: list[Answered] = []


def new_request_id() -> str:
    """An id no other request of any process has."""
    return f"{_prefix}-{next(_number):x}"


def answered(record: Answered) -> None:
    """Log and count a request, soon."""
    _waiting.append(record)


def of(scope: Mapping[str, Any], *, status: int, request_id: bytes, began: float) -> Answered:
    """The record of a request that `began` at that `perf_counter` and has its answer now."""
    return Answered(
        time.time(),
        time.perf_counter() - began,
        scope["method"],
        scope["path"],
        status,
        scope["client"][0] if scope["client"] else "",
        request_id.decode(),
    )


def flush() -> None:
    """Write and count what waits."""
    records = _waiting.copy()
    _waiting.clear()
    if records:
        sys.stderr.write("".join(map(_line, records)))
        _count(records)


async def keep_flushing() -> None:
    """Flush for as long as the process lives, and once more at its end."""
    try:
        while True:
            await asyncio.sleep(FLUSH_S)
            flush()
    finally:
        flush()


def _line(record: Answered) -> str:
    fields = {
        "code": record.status,
        "request": f"{record.method} {record.path}",
        "event": "request_finished",
        "took_ms": round(record.took * 1000, 3),
        "request_id": record.request_id,
        "ip": record.client,
        "logger": "native",
        "level": "info",
        "timestamp": datetime.fromtimestamp(record.at, UTC).isoformat(),
    }
    return json.dumps(fields) + "\n"


def _count(records: Iterable[Answered]) -> None:
    seconds: defaultdict[str, float] = defaultdict(float)
    for (path, status), number in Counter((r.path, r.status) for r in records).items():
        NATIVE_REQUESTS.labels(path, str(status)).inc(number)
    for record in records:
        seconds[record.path] += record.took
    for path, spent in seconds.items():
        NATIVE_SECONDS.labels(path).inc(spent)
