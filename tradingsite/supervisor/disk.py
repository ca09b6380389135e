"""Is there room in the data folder? What a start needs; and below what nothing can be written."""

import shutil
from pathlib import Path

from tradingsite.datafolder import DataFolder
from tradingsite.supervisor.progress import SetupError

MB = 2**20
NEW_NEEDS, START_NEEDS, FULL = 256 * MB, 64 * MB, 16 * MB  # a segment of PostgreSQL's log: 16 MB


def check(data: DataFolder) -> None:
    """Raise SetupError where there is too little room for a start."""
    needed = START_NEEDS if data.postgres.exists() else NEW_NEEDS
    if (free := _free(data.root)) < needed:
        raise SetupError(
            f"the disk of {data.root} is full: {free / MB:.0f} MB are free, {needed // MB} MB are"
            " needed. Nothing was touched; make room and start again."
        )


def is_full(data: DataFolder) -> bool:
    """Whether so little is left that programs end for want of it."""
    return _free(data.root) < FULL


def _free(path: Path) -> int:
    """Bytes left where the path is, or will be."""
    there = next(one for one in (path, *path.parents) if one.exists())
    return shutil.disk_usage(there).free
