"""Servers under measurement: a free port, a core of their own, their CPU time and memory."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
CORES = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []


def step_aside() -> None:
    """Leave the first core to the server."""
    if len(CORES) > 1:
        os.sched_setaffinity(0, CORES[1:])


def free_port() -> int:
    """A port nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def server(*command: str, port: int, **environment: str) -> Iterator[int]:
    """Run `python …` alone on the first core until the block ends; yields its pid."""
    child = subprocess.Popen(
        [sys.executable, *command],
        cwd=PROJECT,
        env=os.environ | environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    if len(CORES) > 1:
        os.sched_setaffinity(child.pid, CORES[:1])
    try:
        wait_for(port)
        yield child.pid
    finally:
        child.terminate()
        child.wait()


def wait_for(port: int) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise SystemExit(f"nothing listens on {port}")


def cpu_s(pid: int) -> float:
    """CPU time of a process and its children so far, in seconds (Linux)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    own = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return own + sum(cpu_s(int(child)) for task in tasks for child in task.read_text().split())


def idle_s() -> float:
    """What all processors together have had nothing to do so far, in seconds (Linux)."""
    fields = Path("/proc/stat").read_text().split("\n", 1)[0].split()
    return (int(fields[4]) + int(fields[5])) / os.sysconf("SC_CLK_TCK")


def settle(pid: int) -> None:
    """Wait until the process has worked off what it still had to do."""
    before = cpu_s(pid)
    while True:
        time.sleep(1)
        now = cpu_s(pid)
        if now - before < 0.1:
            return
        before = now


def memory_mb(pid: int) -> float:
    """Resident memory of a process, in MB (Linux)."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024
