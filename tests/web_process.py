"""The real web process for tests: our launcher on a free port, on the test database."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.conf import settings
from django.db import connections
from websockets.sync.client import ClientConnection, connect

from core import push
from core.push import redis_client
from tests.tradingsite.stack import wait_until

START_TIMEOUT_S = 30.0


@dataclass
class WebProcess:
    """One running process of ours."""

    port: int
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def get(self, path: str, **given: object) -> httpx.Response:
        return httpx.get(f"{self.url}{path}", **given)  # type: ignore[arg-type]

    def socket(self, path: str, **given: Any) -> ClientConnection:
        origin = given.pop("origin", self.url)
        address = f"ws://127.0.0.1:{self.port}{path}"
        given |= {"origin": origin, "compression": None, "close_timeout": 1}
        opened: ClientConnection = connect(address, **given)
        return opened

    def logged(self, text: str) -> dict[str, Any]:
        """The first log line that contains `text`, within 5 s."""
        until = time.monotonic() + 5
        while time.monotonic() < until:
            for line in self.log.read_text().splitlines():
                if text in line:
                    found: dict[str, Any] = json.loads(line)
                    return found
            time.sleep(0.05)
        raise AssertionError(f"{text} was not logged")

    def figure(self, name: str) -> float:
        """A metric without labels."""
        lines = self.get("/metrics").text.splitlines()
        return next(float(line.split()[1]) for line in lines if line.split()[0] == name)

    def stop(self, *, meanwhile: Callable[[], None] = lambda: None) -> float:
        """Ask it to end; how many seconds that took. `meanwhile` happens a moment later."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        meanwhile()
        self.process.wait(20)
        return time.monotonic() - began


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def started(**environment: str) -> Iterator[WebProcess]:
    """A web process until the block ends."""
    port = free_port()
    command = [sys.executable, "-m", "tradingsite.launcher", "--port", str(port)]
    with tempfile.NamedTemporaryFile(prefix="web", suffix=".log") as log:
        before = hubs()
        child = subprocess.Popen(command, env=of_tests() | environment, stderr=log)
        try:
            wait_for(port, child)
            if "REDIS_URL" not in environment:
                wait_until(lambda: hubs() > before)
            yield WebProcess(port, child, Path(log.name))
        finally:
            child.kill()
            child.wait()


def of_tests() -> dict[str, str]:
    """The environment in which a child sees the test database."""
    chosen = connections["default"].settings_dict
    host, name = chosen["HOST"], chosen["NAME"]
    return os.environ | {
        "DATABASE_URL": f"postgresql://{chosen['USER']}@/{name}?host={host}",
        "REDIS_URL": settings.REDIS_URL,
        "DATABASE_POOL_MAX": "4",
    }


def wait_for(port: int, child: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < until and child.poll() is None:
        try:
            httpx.get(f"http://127.0.0.1:{port}/healthz").raise_for_status()
        except httpx.HTTPError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("the web process did not start")


def hubs() -> int:
    """How many processes hear what is published for sockets: what comes before, they miss."""
    clients = redis_client().client_list(_type="pubsub")
    return sum(client["psub"] == str(len(push.CHANNELS)) for client in clients)


@pytest.fixture(scope="session")
def web(django_db_setup: None) -> Iterator[WebProcess]:
    """A web process all tests share; none may stop it."""
    with started() as process:
        yield process
