"""Does a page wait for a Redis that is stopped but not dead? Once, and then no more."""

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis
from django.conf import settings
from django.test import Client

from core.push.redis_timeouts import PAUSE_S
from tests import cast
from tests.web_process import WebProcess, started
from tradingsite.supervisor.redis import binary

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


class Server:
    """A Redis of our own."""

    def __init__(self, folder: str) -> None:
        path = Path(folder) / "redis.sock"
        self.url = f"unix://{path}"
        flags = ("--port", "0", "--unixsocket", str(path), "--save", "", "--dir", folder)
        self.process = subprocess.Popen([binary(), *flags], stdout=subprocess.DEVNULL)
        with redis.Redis.from_url(self.url) as client:
            until = time.monotonic() + 10
            while not path.exists() and time.monotonic() < until:
                time.sleep(0.02)
            client.ping()

    @contextmanager
    def hung(self) -> Iterator[None]:
        """Stopped, not dead, until the block ends."""
        os.kill(self.process.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self.process.pid, signal.SIGCONT)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with tempfile.TemporaryDirectory(prefix="redis") as folder:
        server = Server(folder)
        yield server
        server.process.kill()
        server.process.wait()


@pytest.fixture(scope="module")
def web(server: Server, django_db_setup: None) -> Iterator[WebProcess]:
    with started(REDIS_URL=server.url) as process:
        yield process


def cookies() -> dict[str, str]:
    """Those of a browser in which a person is signed in."""
    browser = Client()
    browser.force_login(cast.person("alice"))
    return {settings.SESSION_COOKIE_NAME: browser.cookies[settings.SESSION_COOKIE_NAME].value}


def took_s(web: WebProcess, path: str, known: dict[str, str]) -> float:
    """How long the page took, which has to come whole."""
    began = time.monotonic()
    answer = web.get(path, cookies=known, timeout=30)
    assert answer.status_code == 200
    return time.monotonic() - began


def readiness(web: WebProcess) -> str:
    said: str = web.get("/readyz", timeout=30).json()["checks"]["redis"]
    return said


def test_one_page_waits_once_and_the_next_not_at_all(server: Server, web: WebProcess) -> None:
    known = cookies()
    took_s(web, "/instruments/EUR-USD/", known)
    with server.hung():
        first = took_s(web, "/instruments/EUR-USD/", known)
        others = [took_s(web, path, known) for path in ("/", "/instruments/BTC-USD/")]
        time.sleep(PAUSE_S)
        later = took_s(web, "/", known)
    assert first < 4
    assert max(others) < 1.5
    assert later < 4


def test_the_board_answers_while_it_hangs(server: Server, web: WebProcess) -> None:
    with server.hung():
        began = time.monotonic()
        answer = web.get("/api/v1/quotes/", timeout=30)
        took = time.monotonic() - began
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "not_ready")
    assert took < 4


def test_it_is_asked_again_when_it_goes_on(server: Server, web: WebProcess) -> None:
    known = cookies()
    with server.hung():
        took_s(web, "/", known)
        assert readiness(web) != "ok"
    time.sleep(PAUSE_S)
    assert readiness(web) == "ok"
