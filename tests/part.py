"""How does a part of the tests run? pytest, on a PostgreSQL and a Redis of its own.

Run as `python -m tests.part [pytest arguments]`; parts may run side by side.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tradingsite.datafolder import PROJECT, become_owner
from tradingsite.supervisor import kernel


def run(arguments: Sequence[str]) -> int:
    """Run pytest; its exit code."""
    with services():
        return timed((sys.executable, "-m", "pytest", *arguments))


@contextmanager
def services() -> Iterator[None]:
    """PostgreSQL and Redis in a data folder that lives as long as the block."""
    folder = tempfile.mkdtemp(prefix="tradingsite-test-")
    Path(folder).chmod(0o755)
    os.environ["DATA_DIR"] = folder
    command = [sys.executable, "manage.py", "up", "--services-only"]
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
        become_owner()  # of the test databases
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate()
        shutil.rmtree(folder, ignore_errors=True)


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


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the services are stopped
    sys.exit(run(sys.argv[1:]))
