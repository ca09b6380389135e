"""How large may the log files grow? Each is cut at a size, with one older piece kept."""

import contextlib
import shutil
from pathlib import Path

LARGEST_BYTES = 10 * 2**20


def cap(folder: Path, *, largest_bytes: int = LARGEST_BYTES) -> None:
    """Move the content of each too large log to `<name>.1` and empty it.

    Children append, so emptying under their hands is safe; a line written in between is lost.
    """
    for log in folder.glob("*.log"):
        with contextlib.suppress(OSError):  # gone meanwhile, or nothing can be written: no matter
            if log.stat().st_size > largest_bytes:
                _cut(log)


def _cut(log: Path) -> None:
    older = log.with_name(log.name + ".1")
    with contextlib.suppress(OSError):  # no room to keep a piece, all the more to empty it
        older.unlink(missing_ok=True)
        shutil.copyfile(log, older)
    with log.open("r+b") as file:
        file.truncate()
