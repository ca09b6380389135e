"""Which processes of this machine concern us? As /proc tells it, where there is one."""

import os
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
MARK = "TRADINGSITE_HOME"  # every child inherits it, whatever becomes of its parent


@dataclass(frozen=True, slots=True)
class Process:
    """One process as /proc tells it."""

    pid: int
    parent: int
    command: str
    zombie: bool


def all_processes() -> Iterator[Process]:
    """Every process that can be looked at."""
    for folder in PROC.glob("[0-9]*"):
        try:
            state, parent = folder.joinpath("stat").read_text().rpartition(")")[2].split()[:2]
            command = folder.joinpath("cmdline").read_bytes().replace(b"\0", b" ").decode("latin-1")
        except (OSError, ValueError):
            continue  # ended while we looked
        yield Process(int(folder.name), int(parent), command.strip(), state == "Z")


def children() -> list[Process]:
    """Our own children, adopted orphans among them."""
    return [found for found in all_processes() if found.parent == os.getpid()]


def of_home(home: Path, cluster: Path) -> list[Process]:
    """Processes that an earlier supervisor of the data folder `home` left behind.

    PostgreSQL's backends overwrite their environment; they are known by their working folder.
    """
    mark = f"{MARK}={home}".encode()
    return [
        found
        for found in all_processes()
        if found.pid != os.getpid()
        and not found.zombie
        and (_works_in(found.pid, cluster) or mark in _environment(found.pid))
    ]


def command_of(pid: int) -> str:
    """The command line of a process; empty if it is gone."""
    if PROC.exists():
        return next((found.command for found in all_processes() if found.pid == pid), "")
    asked = ["ps", "-p", str(pid), "-o", "command="]
    return subprocess.run(asked, capture_output=True, text=True, check=False).stdout


def memory_mb(pid: int) -> float:
    """Resident memory of a process; 0 where it is not known."""
    try:
        pages = int(PROC.joinpath(str(pid), "statm").read_text().split()[1])
    except (OSError, ValueError):
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def send(pid: int, how: signal.Signals) -> None:
    """Signal a process that may be gone already."""
    try:
        os.kill(pid, how)
    except ProcessLookupError:
        return


def _works_in(pid: int, folder: Path) -> bool:
    try:
        return PROC.joinpath(str(pid), "cwd").readlink() == folder
    except OSError:
        return False


def _environment(pid: int) -> list[bytes]:
    try:
        return PROC.joinpath(str(pid), "environ").read_bytes().split(b"\0")
    except OSError:
        return []
