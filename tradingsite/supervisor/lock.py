"""Who supervises this data folder? The one process that holds its lock file."""

import fcntl
import os
from pathlib import Path
from typing import IO

from tradingsite.supervisor.progress import SetupError


def take(path: Path) -> IO[str]:
    """Lock the file for as long as the returned object lives; children do not inherit it.

    Raises SetupError where another supervisor holds it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    file = path.open("a+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        file.seek(0)
        pid = file.read().strip() or "unknown"
        raise SetupError(
            f"Tradingsite already runs on {path.parent} (process {pid}): stop that one first,"
            " or choose another folder with --data."
        ) from error
    file.seek(0)
    file.truncate()
    file.write(f"{os.getpid()}\n")
    file.flush()
    return file
