"""How large may the log files grow? Each is cut at a size, with one older piece kept."""

import shutil
from pathlib import Path

LARGEST_BYTES = 10 * 2**20


def cap(folder: Path, *, largest_bytes: int = LARGEST_BYTES) -> None:
    """Move the content of each too large log to `<name>.1` and empty it.

    Children append, so emptying under their hands is safe; a line written in between is lost.
    """
    for log in folder.glob("*.log"):
        if log.stat().st_size > largest_bytes:
            shutil.copyfile(log, log.with_name(log.name + ".1"))
            with log.open("r+b") as file:
                file.truncate()
