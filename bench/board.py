"""What does a frame cost? The board's fan-out against bare `transport.write`, in one run.

    DATA_DIR=… python bench/board.py [--seconds 8] [--rounds 2]        (Linux, two cores)

PostgreSQL and Redis of DATA_DIR must run. The server has one core; clients and publisher the other.
Per round: frames delivered, latency, server CPU per frame, its ratio to the limit just before.
Wanted at 1,000 clients x 5 frames/s: 100 % delivered, p99 < 150 ms, at most 2.2 x the limit, also
with two clients that read nothing.
"""

import argparse
import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

BENCH = Path(__file__).resolve().parent
sys.path[0] = str(BENCH.parent)  # not this folder: its http.py is not the standard one
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tradingsite.settings")

import django

django.setup()

from django.conf import settings

from bench.process import cpu_s, free_port, memory_mb, server, settle, step_aside
from core.push import redis_client
from market.board import Row

TITLES = ("", "heard", "p50 ms", "p99 ms", "us/frame", "ratio", "MB")
LINE = "{:34} {:>8} {:>8} {:>8} {:>9} {:>8} {:>5}"
ROWS = 10  # of some thirty rows about ten change at a beat


@dataclass(frozen=True)
class Result:
    """One server under one load."""

    delivered: float
    p50_ms: float
    p99_ms: float
    us_per_frame: float
    memory_mb: float


@dataclass(frozen=True)
class Load:
    """How many listeners, how many frames a second, for how long."""

    clients: int
    rate: int
    seconds: float
    stalled: int = 0


class Publisher:
    """Writes the USD board as the real one does: the stored snapshot, then the delta."""

    def __init__(self) -> None:
        self.redis = redis_client()
        fields = dict.fromkeys(Row.__dataclass_fields__, "0.8951234567")
        self.rows = [fields | {"code": f"X{number:02}"} for number in range(30)]
        self.head = {"base": "USD", "epoch": secrets.token_hex(6), "as_of": "2026-11-20T12:00:00Z"}
        self.seq = 0
        self.put("snapshot", self.rows)

    def put(self, kind: str, rows: list[dict[str, str]]) -> None:
        """Store the board, publish the frame."""
        self.seq += 1
        head = {"type": kind, "sent": time.monotonic_ns()} | self.head | {"seq": self.seq}
        whole = head | {"type": "snapshot", "rows": self.rows}
        with self.redis.pipeline(transaction=False) as pipe:
            pipe.set("board:USD", json.dumps(whole))
            pipe.publish("board:USD", json.dumps(head | {"rows": rows}, separators=(",", ":")))
            pipe.execute()

    def run(self, load: Load) -> int:
        """Publish at the load's rate; how many frames."""
        due = time.monotonic()
        frames = int(load.rate * load.seconds)
        for _ in range(frames):
            self.put("delta", self.rows[:ROWS])
            due += 1 / load.rate
            time.sleep(max(0.0, due - time.monotonic()))
        return frames


@contextmanager
def listeners(port: int, load: Load) -> Iterator[subprocess.Popen[str]]:
    """All clients of a load, connected."""
    numbers = map(str, (port, load.clients, load.stalled))
    command = [sys.executable, "-P", str(BENCH / "listeners.py"), *numbers]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline() == "ready\n"
        yield process


def measure(pid: int, port: int, load: Load, publisher: Publisher) -> Result:
    """What that server does under that load."""
    settle(pid)
    with listeners(port, load) as process:
        before = cpu_s(pid)
        frames = publisher.run(load)
        told, _ = process.communicate("done\n")
        spent = cpu_s(pid) - before
    found = json.loads(told)
    due = frames * load.clients
    return Result(
        delivered=found["heard"] / due,
        p50_ms=found["p50"],
        p99_ms=found["p99"],
        us_per_frame=spent / max(1, found["heard"]) * 1e6,
        memory_mb=memory_mb(pid),
    )


def say(name: str, found: Result, limit: Result) -> None:
    """One line of the table."""
    ratio = found.us_per_frame / limit.us_per_frame
    figures = (
        f"{found.delivered:.2%}",
        *(f"{figure:.1f}" for figure in (found.p50_ms, found.p99_ms, found.us_per_frame)),
        f"{ratio:.2f} x",
        f"{found.memory_mb:.0f}",
    )
    print(LINE.format(name, *figures), flush=True)


def main() -> None:
    """All rounds."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seconds", type=float, default=8.0)
    arguments.add_argument("--rounds", type=int, default=2)
    given = arguments.parse_args()
    step_aside()
    publisher = Publisher()
    limit_port, port = free_port(), free_port()
    limit_server = "-P", str(BENCH / "limit_server.py"), str(limit_port), settings.REDIS_URL
    print(LINE.format(*TITLES))
    with (
        server(*limit_server, port=limit_port) as limit_pid,
        server("-m", "tradingsite.launcher", "--port", str(port), port=port) as pid,
    ):
        for clients, rate in ((1000, 5),) * given.rounds + ((1000, 20), (2000, 20)):
            load = Load(clients, rate, given.seconds)
            stalled = Load(clients, rate, given.seconds, stalled=2)
            name = f"{clients} x {rate}/s"
            limit = measure(limit_pid, limit_port, load, publisher)
            say(f"{name}, transport.write", limit, limit)
            say(f"{name}, the board", measure(pid, port, load, publisher), limit)
            say(f"{name}, two stalled", measure(pid, port, stalled, publisher), limit)


if __name__ == "__main__":
    main()
