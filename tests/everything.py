"""What does `./test` run? Style, floors, then pytest on services of its own, types beside it."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg

from tests import chromium, workers
from tradingsite.datafolder import OWNER_KEY, DataFolder
from tradingsite.supervisor import kernel

PROJECT = Path(__file__).resolve().parent.parent
CHECKS = (
    ("ruff", "check", "."),
    ("ruff", "format", "--check", "."),
    ("lint-imports",),
    ("bandit", "-q", "-r", "-lll", "accounts", "core", "market", "portfolio", "tradingsite"),
)
BESIDE = ("nice", "mypy", ".")  # it takes what the tests leave


def main(arguments: list[str]) -> int:
    """Run it all; the exit code of the first step that fails. Types come last."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the services are stopped
    for name in told_to_a_site():
        os.environ.pop(name, None)
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    if found := chromium.obtain():
        os.environ["CHROMIUM"] = found
    else:
        print("No Chromium could be found or installed: browser tests are skipped.", flush=True)
    for check in CHECKS:
        if code := timed(check):
            return code
    with beside(BESIDE) as result, services():
        code = timed((sys.executable, "-m", "pytest", *workers.ARGUMENTS, *arguments))
        types = result()
        return code or types


def told_to_a_site() -> set[str]:
    """The variables README.md explains. Tests set them; a terminal's must not leak in."""
    rows = re.findall(r"^\| (`[A-Z].*?) \|", (PROJECT / "README.md").read_text(), re.MULTILINE)
    return {name for row in rows for name in re.findall(r"`([A-Z_]+)`", row)}


@contextmanager
def beside(command: tuple[str, ...]) -> Iterator[Callable[[], int]]:
    """Run one step while others run; asked for its exit code, print what it said."""
    with tempfile.TemporaryFile() as said:
        child = subprocess.Popen(
            command,
            cwd=PROJECT,
            stdout=said,
            stderr=subprocess.STDOUT,
            preexec_fn=lambda: kernel.end_with_parent(signal.SIGTERM),
        )

        def result() -> int:
            code = child.wait()
            said.seek(0)
            print(said.read().decode(), end="")
            print(f"beside the tests  {' '.join(command)}: {verdict(code)}", flush=True)
            return code

        try:
            yield result
        finally:
            child.kill()
            child.wait()


def timed(command: tuple[str, ...]) -> int:
    """Run one step to its end and print how long it took; its exit code."""
    began = time.monotonic()
    code = subprocess.run(command, cwd=PROJECT, check=False).returncode
    took = time.monotonic() - began
    print(f"{took:6.1f} s  {' '.join(command[:3])}: {verdict(code)}", flush=True)
    return code


def verdict(code: int) -> str:
    """An exit code in words."""
    return "ok" if code == 0 else f"FAILED ({code})"


@contextmanager
def services() -> Iterator[None]:
    """PostgreSQL and Redis for each process of the tests, as long as the block lives."""
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="tradingsite-test-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        folder.chmod(0o755)
        os.environ[workers.FOLDERS] = str(folder)
        for name in workers.NAMES:
            stack.enter_context(services_in(folder / name))
        workers.use(folder / workers.NAMES[0])  # by who shares the tests out, or runs them alone
        yield


@contextmanager
def services_in(folder: Path) -> Iterator[None]:
    """PostgreSQL and Redis in that data folder."""
    folder.mkdir(mode=0o755)
    command = [sys.executable, "manage.py", "up", "--services-only", "--data", str(folder)]
    process = subprocess.Popen(
        command,
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: kernel.end_with_parent(signal.SIGTERM),
    )
    try:
        if not any(line.startswith("Services are ready") for line in process.stdout or ()):
            sys.exit("PostgreSQL and Redis did not start.")
        leave_flushing(DataFolder(folder))
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate()


def leave_flushing(data: DataFolder) -> None:
    """Spare the disk: what is kept here dies with the block. Tests of crashes start their own."""
    superuser = data.database_url(f"postgres:{data.key(OWNER_KEY)}")
    with psycopg.connect(superuser, autocommit=True) as connection:
        for setting in ("fsync", "full_page_writes"):
            connection.execute(f"ALTER SYSTEM SET {setting} = off")
        connection.execute("SELECT pg_reload_conf()")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
