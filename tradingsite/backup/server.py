"""Which programs dump and restore the database, and how are they told where it is?

PostgreSQL's own, of the running server's major version, under the owner's role.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connections

from core.errors import Broken, Retryable
from tradingsite.backup.archive import PART_BYTES
from tradingsite.supervisor import postgres

DEBIANS = Path("/usr/lib/postgresql")
MAINTENANCE = "postgres"  # the database in which others are made and renamed
LOCK_KEY = 7_263_555
LOCK_WAIT = "--lock-wait-timeout=60s"
SPEED = "--compress=gzip:3"  # level 6 costs twice the time for 4 % of the size
TABLES = "--no-large-objects"  # we have none; one of the app's role's the owner could not read


def version() -> str:
    """The running server's, such as `18.4`."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("SHOW server_version")
        return str(cursor.fetchone()[0]).partition(" ")[0]


def program(name: str) -> str:
    """`pg_dump` or `pg_restore` of the server's major version; raises Broken where none is here."""
    major = version().partition(".")[0]
    here = [shutil.which(name), DEBIANS / major / "bin" / name, postgres.binaries() / name]
    for path in here:
        if path and Path(path).exists() and _major(str(path)) == major:
            return str(path)
    raise Broken(f"No {name} of PostgreSQL {major} was found, which the server is.")


@contextmanager
def one_backup() -> Iterator[None]:
    """Hold off a second backup of this database. Raises Retryable where one runs."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK_KEY])
        if cursor.fetchone() != (True,):
            raise Retryable("Another backup is being made.")
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK_KEY])


def dump(without: Iterable[str] = ()) -> Iterator[bytes]:
    """The database in pg_dump's custom format, without tables of these patterns.

    Raises Broken where it fails midway.
    """
    command = [program("pg_dump"), "-Fc", SPEED, LOCK_WAIT, TABLES]
    command += [f"--exclude-table={pattern}" for pattern in without]
    with subprocess.Popen(  # noqa: S603
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()
    ) as running:
        if running.stdout is None or running.stderr is None:
            raise Broken("pg_dump has no output.")
        try:
            while piece := running.stdout.read(PART_BYTES):
                yield piece
        finally:
            if running.poll() is None:
                running.stdout.close()
        said = running.stderr.read().decode(errors="replace").strip()
    if running.returncode:
        raise Broken(f"pg_dump failed: {_reason(said)}")


def load(pieces: Iterable[bytes], *, database: str, only: str = "") -> None:
    """Restore a dump, or what of it is listed, into an empty database, in one transaction.

    Raises Broken.
    """
    words = ["--no-owner", "--no-acl", "--exit-on-error", "--single-transaction", "-d", database]
    with tempfile.NamedTemporaryFile("w") as listed:
        listed.write(only)
        listed.flush()
        _feed([*words, *(["-L", listed.name] if only else [])], pieces)


def write_list(pieces: Iterable[bytes], *, to: Path) -> None:
    """What a dump holds, a line an entry. Raises Broken."""
    _feed(["--list", "--file", str(to)], pieces)


def _feed(words: list[str], pieces: Iterable[bytes]) -> None:
    command = [program("pg_restore"), *words]
    with subprocess.Popen(  # noqa: S603
        command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()
    ) as running:
        if running.stdin is None or running.stderr is None:
            raise Broken("pg_restore has no input.")
        try:
            for piece in pieces:
                running.stdin.write(piece)
            running.stdin.close()
        except BrokenPipeError:
            pass  # it gave up, and its last words say why; or it has read what it needs
        said = running.stderr.read().decode(errors="replace").strip()
    if running.returncode:
        raise Broken(f"pg_restore failed: {said.splitlines()[0] if said else 'no reason given'}")


def environment() -> dict[str, str]:
    """What libpq reads: where the server is, who the owner is. No list of processes shows it."""
    told = settings.DATABASES["owner"]
    found = {
        "PGHOST": told["HOST"],
        "PGPORT": told["PORT"],
        "PGUSER": told["USER"],
        "PGPASSWORD": told["PASSWORD"],
        "PGDATABASE": told["NAME"],
        "PGSSLMODE": str(told["OPTIONS"].get("sslmode", "")),
        "PATH": os.environ.get("PATH", ""),
    }
    return {name: value for name, value in found.items() if value}


def _reason(said: str) -> str:
    """The line that names the error: warnings come before it, the whole query after it."""
    lines = said.splitlines() or ["no reason given"]
    return next((line for line in lines if ": error: " in line), lines[-1])


def _major(path: str) -> str:
    said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)  # noqa: S603
    return said.stdout.strip().rpartition(" ")[2].partition(".")[0]
