"""What does this process count, and what do all of them together?

Figures for Prometheus beside those of Django's own requests. Every few seconds each web process
leaves a few of its own in Redis, so that any one can say how the whole house does.
"""

import json
import os
import socket
import threading
import time
from contextlib import suppress
from dataclasses import asdict, dataclass

import redis
from prometheus_client import Counter, Gauge, Histogram

from core.push import redis_client

LISTENERS = Gauge("tradingsite_listeners", "Open sockets and event streams of this process")
FRAMES_SENT = Counter("tradingsite_frames_sent", "Frames handed to listeners at once")
FRAMES_CONFLATED = Counter("tradingsite_frames_conflated", "Frames that passed a slow listener by")
LISTENERS_DROPPED = Counter("tradingsite_listeners_dropped", "Listeners cut off: gone or stalled")
NATIVE_REQUESTS = Counter(
    "tradingsite_native_requests", "Requests answered before Django", ["path", "status"]
)
NATIVE_SECONDS = Counter(
    "tradingsite_native_seconds", "Time spent on requests answered before Django", ["path"]
)
EXCHANGES = Counter("tradingsite_exchanges", "Conversions this process has accepted")
CSP_REPORTS = Counter(
    "tradingsite_csp_reports", "What browsers refused to load or run on our pages", ["directive"]
)
LEDGER_SECONDS = Histogram(
    "tradingsite_ledger_seconds",
    "Time of one call of the books, retries included",
    buckets=(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2, 5),
)

SHARED_EVERY_S = 5.0
FORGOTTEN_AFTER_S = 20
PROCESS = "metrics:process:"


@dataclass(frozen=True, slots=True)
class Totals:
    """What processes have counted since they began."""

    listeners: int = 0
    exchanges: int = 0
    ledger_calls: int = 0
    ledger_s: float = 0.0


def here() -> Totals:
    """What this process has counted."""
    ledger = {one.name: one.value for one in next(iter(LEDGER_SECONDS.collect())).samples}
    return Totals(
        listeners=int(LISTENERS._value.get()),
        exchanges=int(EXCHANGES._value.get()),
        ledger_calls=int(ledger["tradingsite_ledger_seconds_count"]),
        ledger_s=ledger["tradingsite_ledger_seconds_sum"],
    )


def everywhere() -> Totals:
    """The sum over all processes that have been heard of in 20 s. Raises RedisError."""
    store = redis_client()
    keys = list(store.scan_iter(match=f"{PROCESS}*", count=1000))
    told = [Totals(**json.loads(text)) for text in (store.mget(keys) if keys else ()) if text]
    return Totals(
        listeners=sum(one.listeners for one in told),
        exchanges=sum(one.exchanges for one in told),
        ledger_calls=sum(one.ledger_calls for one in told),
        ledger_s=sum(one.ledger_s for one in told),
    )


def share() -> None:
    """Leave this process's figures where all can read them. Raises RedisError."""
    key = f"{PROCESS}{socket.gethostname()}:{os.getpid()}"
    redis_client().set(key, json.dumps(asdict(here())), ex=FORGOTTEN_AFTER_S)


def keep_sharing() -> threading.Thread:
    """Share every 5 s from now on, in a thread that ends with the process."""

    def work() -> None:
        while True:
            with suppress(redis.RedisError):
                share()
            time.sleep(SHARED_EVERY_S)

    thread = threading.Thread(target=work, name="metrics", daemon=True)
    thread.start()
    return thread
