"""A real supervisor in a data folder of its own, as tests of the whole stack start it."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tradingsite.datafolder import PROJECT, DataFolder
from tradingsite.supervisor import report

OUTSIDE = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "PORT", "DATA_DIR", "SECRET_KEY")
START_TIMEOUT_S = 90.0
READY = ("For passkeys", "Services are ready")
# Nothing of the outside world is asked.
ALONE = {"FEEDS": "replay", "NEWS_FEEDS": "", "COINS_URL": ""}


class Stack:
    """`manage.py up`, started in the block and stopped after it."""

    def __init__(
        self,
        folder: Path,
        *options: str,
        environment: Mapping[str, str] | None = None,
        as_user: Callable[[], None] | None = None,
        until: tuple[str, ...] = READY,
    ) -> None:
        self.data = DataFolder(folder)
        self.port = free_port()
        self.lines: list[str] = []
        self._command = [sys.executable, str(PROJECT / "manage.py"), "up", *options]
        self._command += ["--data", str(folder), "--port", str(self.port)]
        kept = {name: value for name, value in os.environ.items() if name not in OUTSIDE}
        self._environment = kept | ALONE | dict(environment or {})
        self._as_user, self._until = as_user, until

    def __enter__(self) -> "Stack":
        self.process = subprocess.Popen(
            self._command,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            preexec_fn=self._as_user,
        )
        for line in self.process.stdout or ():
            self.lines.append(line.rstrip("\n"))
            if any(words in line for words in self._until):
                break
        return self

    def __exit__(self, *failure: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """Where the site answers."""
        return f"http://127.0.0.1:{self.port}"

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to stop and wait; the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        rest, _ = self.process.communicate(timeout=40)
        self.lines += rest.splitlines()
        return self.process.returncode

    def children(self) -> dict[str, dict[str, Any]]:
        """What the supervisor says of its children."""
        return report.read(self.data)

    def kill(self, name: str) -> None:
        """`kill -9` one child and wait until another has taken its place."""
        killed = self.children()[name]["pid"]
        os.kill(killed, signal.SIGKILL)
        wait_until(lambda: self.children()[name]["pid"] not in (killed, None))

    def get(self, path: str) -> int:
        """The status of a page; 0 where nobody answers."""
        try:
            with urllib.request.urlopen(f"{self.url}{path}", timeout=5) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0


def wait_until(check: Callable[[], bool], *, timeout_s: float = 20.0) -> None:
    """Wait for something to become true; fails the test where it does not."""
    deadline = time.monotonic() + timeout_s
    while not check():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def free_port() -> int:
    """A port nobody listens on just now."""
    with socket.socket() as candidate:
        candidate.bind(("127.0.0.1", 0))
        return int(candidate.getsockname()[1])
