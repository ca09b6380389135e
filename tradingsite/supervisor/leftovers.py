"""What did a killed supervisor leave running? Ended here before anything new starts."""

import contextlib
import os
import signal
import time
from pathlib import Path

from tradingsite.datafolder import DataFolder
from tradingsite.supervisor import kernel, processes
from tradingsite.supervisor.progress import SetupError, note

PATIENCE_S = 10.0
SOCKET = ".s.PGSQL.5432"


def end(data: DataFolder) -> None:
    """End every process of this data folder whose supervisor is gone; the caller holds its lock.

    Gently first: PostgreSQL shuts down cleanly on SIGINT. Raises SetupError if one will not go.
    """
    for how in (None, signal.SIGQUIT, signal.SIGKILL):
        found = left(data)
        if not found:
            break
        if how is None:
            note(f"ending {len(found)} processes of an earlier start")
        for pid, command in found.items():
            processes.send(pid, how or gentle(command))
        wait_until_gone(data)
    if left(data):
        raise SetupError(f"Processes of an earlier start do not end: {sorted(left(data))}.")
    forget_dead_postmaster(data)


def left(data: DataFolder) -> dict[int, str]:
    """Command line by process id."""
    if kernel.LINUX:
        found = processes.of_home(data.root, data.postgres)
        return {process.pid: process.command for process in found}
    pid = postmaster_pid(data)
    command = processes.command_of(pid) if pid else ""
    return {pid: command} if pid and "postgres" in command else {}


def gentle(command: str) -> signal.Signals:
    """The polite way to end a process: PostgreSQL's fast shutdown is SIGINT."""
    return signal.SIGINT if "/postgres " in command else signal.SIGTERM


def wait_until_gone(data: DataFolder) -> None:
    """Give them time."""
    until = time.monotonic() + PATIENCE_S
    while left(data) and time.monotonic() < until:
        time.sleep(0.05)


def postmaster_pid(data: DataFolder) -> int | None:
    """The process id in PostgreSQL's lock file, if there is one."""
    try:
        return int((data.postgres / "postmaster.pid").read_text().splitlines()[0])
    except (OSError, ValueError, IndexError):
        return None


def forget_dead_postmaster(data: DataFolder) -> None:
    """Remove PostgreSQL's lock files when the process they name is not a running PostgreSQL.

    A number that another program has got meanwhile would otherwise keep PostgreSQL from starting.
    """
    pid = postmaster_pid(data)
    if pid is None or pid == os.getpid() or "postgres" in processes.command_of(pid):
        return
    for path in (data.postgres / "postmaster.pid", socket_lock(data.sockets)):
        with contextlib.suppress(FileNotFoundError):
            path.unlink()


def forget_sockets(data: DataFolder) -> None:
    """Remove the folder of the sockets where it is none of ours to keep: a short one in /tmp.

    The caller holds the lock, and its servers have ended; one that was killed left its socket.
    """
    if data.sockets.is_relative_to(data.root):
        return
    for path in (data.redis_socket, data.sockets / SOCKET, socket_lock(data.sockets)):
        path.unlink(missing_ok=True)
    with contextlib.suppress(OSError):  # there is none, or it holds what is not ours
        data.sockets.rmdir()


def socket_lock(sockets: Path) -> Path:
    """The lock file beside PostgreSQL's socket."""
    return sockets / f"{SOCKET}.lock"
