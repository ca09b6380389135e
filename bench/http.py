"""What does a request cost? `quotes/` against a bare ASGI app, and pages under two servers.

    DATA_DIR=… python bench/http.py [--seconds 10]        (Linux, two cores)

PostgreSQL and Redis of DATA_DIR must run; a scratch database is made and dropped. The server has
one core, sixteen callers the other. Wanted: `quotes/` at least 0.7 of the bare app, by server CPU
per request and by requests per second: medians of interleaved rounds. A page and a list that read
the database stand under granian (WSGI, as `pages` runs) beside uvicorn (as `web` runs).
"""

import argparse
import json
import os
import secrets
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

BENCH = Path(__file__).resolve().parent
sys.path[0] = str(BENCH.parent)  # not this folder: its http.py is not the standard one
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tradingsite.settings")

import django

from tradingsite.datafolder import become_owner

become_owner()
django.setup()

import httpx
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.test import Client
from django.test.utils import setup_databases, teardown_databases

from bench.process import cpu_s, free_port, server, step_aside
from core.push import redis_client
from market.board import Row
from portfolio import trading_accounts
from tests import cast

QUOTES = "/api/v1/quotes/"
PAGE, LIST = "/portfolio/", "/api/v1/trading-accounts/"
CALLERS = 16
ROUNDS = 5
OWN = ("date", "content-length", "x-request-id")  # given by the server, or anew each time
LINE = "{:44} {:>10} {:>10} {:>12} {:>8}"


@dataclass(frozen=True)
class Result:
    """One address of one server."""

    per_s: float
    us_cpu: float
    refused: int


def measure(
    pid: int, port: int, path: str, *, seconds: float, cookies: str = "none=none"
) -> Result:
    """Call one address as fast as it answers."""
    command = [sys.executable, "-P", str(BENCH / "callers.py"), str(port), path, str(CALLERS)]
    before = cpu_s(pid)
    told = subprocess.check_output([*command, str(seconds), cookies])
    spent = cpu_s(pid) - before
    found = json.loads(told)
    answers = max(1, found["answers"])
    whole = found["seconds"] + 0.5  # the callers run half a second before they count
    per_s = answers / found["seconds"]
    return Result(per_s, spent / (per_s * whole) * 1e6, found["refused"])


def say(name: str, found: Result, limit: Result) -> None:
    """One line of the table."""
    share, cpu_share = found.per_s / limit.per_s, limit.us_cpu / found.us_cpu
    shares = f"{share:.2f}", f"{cpu_share:.2f}"
    print(LINE.format(name, f"{found.per_s:.0f}", f"{found.us_cpu:.0f}", *shares), flush=True)
    if found.refused:
        print(f"    {found.refused} answers were not 200")


def publish_board() -> None:
    """A board of 30 rows in Redis, as the publisher stores it, and its beats."""
    fields = dict.fromkeys(Row.__dataclass_fields__, "0.8951234567")
    rows = [fields | {"code": f"X{number:02}"} for number in range(30)]
    head = {"base": "USD", "epoch": secrets.token_hex(6), "seq": 1, "as_of": "2026-11-20T12:00:00Z"}
    redis_client().set("board:USD", json.dumps({"type": "snapshot"} | head | {"rows": rows}))

    def keep_beating() -> None:
        while True:
            redis_client().publish("board:USD", json.dumps({"type": "beat"} | head))
            time.sleep(1)

    threading.Thread(target=keep_beating, daemon=True).start()


@contextmanager
def scratch() -> Iterator[dict[str, str]]:
    """A database of our own; yields the environment in which servers find it."""
    created = setup_databases(verbosity=0, interactive=False)
    connections["default"].settings_dict["TEST"]["MIRROR"] = None
    call_command("prepare_database", verbosity=0)
    chosen = connections["default"].settings_dict
    address = f"postgresql://{chosen['USER']}@/{chosen['NAME']}?host={chosen['HOST']}"
    try:
        yield {"DATABASE_URL": address}
    finally:
        for alias in connections:
            connections[alias].close()
            getattr(connections[alias], "close_pool", lambda: None)()
        teardown_databases(created, verbosity=0)


def signed_in() -> str:
    """The cookies of as many people as call at once; one alone would meet the limits on callers."""
    name = settings.SESSION_COOKIE_NAME
    cookies = []
    for number in range(CALLERS):
        person = cast.person(f"caller{number}")
        trading_accounts.ensure_virtual(user=person)
        client = Client()
        client.force_login(person)
        cookies.append(f"{name}={client.cookies[name].value}")
    return "|".join(cookies)


def bare(port: int, *, answer: httpx.Response, headers: bool) -> tuple[list[str], dict[str, str]]:
    """How to start the bare app with the bytes of `answer`, with or without its headers."""
    kept = [(name, value) for name, value in answer.headers.items() if name not in OWN]
    if not headers:
        kept = [("content-type", "application/json")]
    kept.append(("content-length", str(len(answer.content))))
    told = Path(tempfile.mkdtemp()) / "answer.json"
    told.write_text(json.dumps({"headers": kept, "body": answer.text}))
    options = "--http httptools --loop uvloop --no-access-log --no-server-header --log-level error"
    command = ["-m", "uvicorn", "bench.bare_app:application", "--port", str(port), *options.split()]
    return command, {"QUOTES_FILE": str(told)}


def compare_quotes(environment: dict[str, str], seconds: float) -> None:
    """`quotes/` beside the bare app that sends the same bytes."""
    publish_board()
    port, bare_port = free_port(), free_port()
    with server("-m", "tradingsite.launcher", "--port", str(port), port=port, **environment) as pid:
        answer = httpx.get(f"http://127.0.0.1:{port}{QUOTES}", timeout=60).raise_for_status()
        for title, headers in (("same headers", True), ("content type alone", False)):
            command, told = bare(bare_port, answer=answer, headers=headers)
            with server(*command, port=bare_port, **told) as bare_pid:
                rounds = [
                    (
                        measure(bare_pid, bare_port, "/", seconds=seconds / ROUNDS),
                        measure(pid, port, QUOTES, seconds=seconds / ROUNDS),
                    )
                    for _ in range(ROUNDS)
                ]
            limit, found = (median(results) for results in zip(*rounds, strict=True))
            say(f"bare ASGI app, {title}", limit, limit)
            say("quotes/", found, limit)


def median(results: Sequence[Result]) -> Result:
    """The middle of several rounds, figure by figure."""
    return Result(
        statistics.median(one.per_s for one in results),
        statistics.median(one.us_cpu for one in results),
        sum(one.refused for one in results),
    )


def compare_servers(environment: dict[str, str], seconds: float) -> None:
    """A page and a list under granian and under uvicorn."""
    cookies = signed_in()
    port = free_port()
    granian = f"-m granian --interface wsgi --workers 1 --blocking-threads 4 --port {port}"
    launcher = f"-m tradingsite.launcher --port {port}"
    found = {}
    for name, command in (
        ("granian, WSGI", [*granian.split(), "--no-ws", "tradingsite.wsgi:application"]),
        ("uvicorn, ASGI", launcher.split()),
    ):
        with server(*command, port=port, **environment) as pid:
            for path in (PAGE, LIST):
                found[name, path] = measure(pid, port, path, seconds=seconds, cookies=cookies)
    for path in (PAGE, LIST):
        for name in ("granian, WSGI", "uvicorn, ASGI"):
            say(f"{path} {name}", found[name, path], found["granian, WSGI", path])


def main() -> None:
    """Both comparisons."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seconds", type=float, default=10.0)
    given = arguments.parse_args()
    step_aside()
    print(LINE.format("", "req/s", "us CPU", "of the first", "by CPU"))
    with scratch() as environment:
        compare_quotes(environment, given.seconds)
        compare_servers(environment, given.seconds)


if __name__ == "__main__":
    main()
