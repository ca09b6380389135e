"""How long do backup and restore take, beside bare pg_dump and pg_restore of the same database?

    DATA_DIR=… python bench/backup.py [--entries 1000000]

In a scratch database on the server of DATA_DIR, which is dropped again. Ours encrypts, checks every
byte before it touches anything, and proves the books afterwards; wanted: a restore within 5 min.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

sys.path[0] = str(Path(__file__).resolve().parent.parent)  # bench/http.py is not the standard one
os.environ |= {"DATABASE_POOL_MAX": "0", "BACKUP_KEY": "of the bench"}  # as for one command

from django.conf import settings
from django.db import connections

from bench.filling import fill, open_accounts, scratch  # sets Django up
from tradingsite.backup import databases, making, restoring, server

RESTORE_WANTED_S = 300
Answer = TypeVar("Answer")


def timed(what: str, work: Callable[[], Answer]) -> tuple[Answer, float]:
    """Do it, print how long it took."""
    began = time.perf_counter()
    answer = work()
    taken = time.perf_counter() - began
    print(f"{what:28}{taken:9.1f} s", flush=True)
    return answer, taken


def bare(name: str, *words: str) -> None:
    """PostgreSQL's own program with its defaults."""
    subprocess.run([server.program(name), *words], env=server.environment(), check=True)


def bare_restore(dump: Path) -> None:
    """Into a database of its own, as ours is loaded: in one transaction."""
    name = databases.fresh(f"{settings.DATABASES['owner']['NAME']}_bare")
    bare("pg_restore", "--no-owner", "--no-acl", "--single-transaction", "-d", name, str(dump))
    databases.drop(name)


def size() -> int:
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        return int(cursor.fetchone()[0])


def measure(entries: int, folder: Path) -> int:
    """Fill, then each of the four once; 1 where the restore is too slow or the books broke."""
    settings.BACKUP_URL, settings.BACKUP_COPY_URL = (folder / "store").as_uri(), ""
    settings.BACKUP_REPORT, dump = folder / "report.json", folder / "bare.dump"
    open_accounts()
    timed(f"filling {entries:,} entries", lambda: fill(entries))
    print(f"{'database':28}{size() / 2**20:9.0f} MB")
    _, dumping = timed("pg_dump -Fc", lambda: bare("pg_dump", "-Fc", "-f", str(dump)))
    made, backing = timed("backup", making.make)
    print(f"{'bare dump, our backup':28}{dump.stat().st_size / 2**20:9.0f} MB, ", end="")
    print(f"{made.size / 2**20:.0f} MB in {len(made.checksums)} parts")
    timed("backup --verify", lambda: making.verify(made.id))
    _, loading = timed("pg_restore", lambda: bare_restore(dump))
    done, restoring_s = timed("restore", lambda: restoring.restore(made.id, replace=True))
    databases.drop(done.kept_as)
    print(f"backup / pg_dump {backing / dumping:.2f}, restore / pg_restore", end=" ")
    print(f"{restoring_s / loading:.2f}; {done.entries:,} entries, books hold")
    return int(restoring_s > RESTORE_WANTED_S)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=1_000_000)
    given = parser.parse_args()
    with scratch("bench_backup"), tempfile.TemporaryDirectory() as folder:
        return measure(given.entries, Path(folder))


if __name__ == "__main__":
    sys.exit(main())
