"""How does a backup become the database again? Beside the old one, which is renamed, not lost.

The backup is read to its end before anything is touched. It is loaded into a new database; only
when that is whole do the names change, so a restore that fails leaves everything as it was.
"""

from dataclasses import dataclass

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from psycopg import sql

from core import clock, objects
from core.aws import Absent
from core.errors import Broken, Code, Refused
from portfolio import books
from tradingsite import rules
from tradingsite.backup import archive, keys, making, server

DRAFT = "_restoring"


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did; `kept_as` is the earlier database's new name, or empty."""

    backup_id: str
    kept_as: str
    entries: int


def restore(backup_id: str, *, replace: bool) -> Restored:
    """Bring a backup back; the newest one where no id is given.

    Raises Refused where the database holds something and `replace` is not set, Damaged where the
    backup is not what was written, Absent where there is none, Broken where PostgreSQL refuses.
    """
    found = making.verify(backup_id or _newest())
    rules.prepare_roles()
    is_empty = _is_empty()
    if not is_empty and not replace:
        raise Refused(Code.MALFORMED, "The database is not empty; --replace keeps it by its side.")
    name = str(settings.DATABASES["owner"]["NAME"])
    connections.close_all()
    store = objects.at(settings.BACKUP_URL)
    _fresh(name + DRAFT)
    pieces = archive.read(store, found, secret=keys.backup_key())
    server.load(pieces, database=name + DRAFT)
    connections.close_all()
    kept_as = "" if is_empty else f"{name}_before_{clock.now():%Y%m%d%H%M%S}"
    _swap(name, kept_as=kept_as)
    call_command("prepare_database", migrate=True, verbosity=0)
    proof = books.check()
    if not proof.holds:
        raise Broken("The backup was restored, and its books do not hold: manage.py check_books.")
    return Restored(found.id, kept_as, proof.entries)


def _newest() -> str:
    ids = archive.listing(objects.at(settings.BACKUP_URL))
    if not ids:
        raise Absent(f"There is no backup at {settings.BACKUP_URL}.")
    return ids[-1]


def _is_empty() -> bool:
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace")
        return bool(cursor.fetchone()[0] == 0)


def _fresh(name: str) -> None:
    """An empty database of that name; one that an interrupted restore left is dropped."""
    with _maintenance() as connection:
        _say(connection, "DROP DATABASE IF EXISTS {}", name)
        _say(connection, "CREATE DATABASE {} TEMPLATE template0", name)


def _swap(name: str, *, kept_as: str) -> None:
    with _maintenance() as connection:
        if kept_as:
            _say(connection, "ALTER DATABASE {} RENAME TO {}", name, kept_as)
        else:
            _say(connection, "DROP DATABASE {}", name)
        _say(connection, "ALTER DATABASE {} RENAME TO {}", name + DRAFT, name)


def _maintenance() -> "psycopg.Connection[tuple[object, ...]]":
    told = server.environment()
    parameters = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD"}
    given = {name: told[variable] for name, variable in parameters.items() if variable in told}
    return psycopg.connect(**given, dbname=server.MAINTENANCE, autocommit=True)  # type: ignore[arg-type]


def _say(connection: "psycopg.Connection[tuple[object, ...]]", statement: str, *names: str) -> None:
    """One statement about databases; raises Broken with PostgreSQL's reason."""
    quoted = sql.SQL(statement).format(*map(sql.Identifier, names))
    try:
        connection.execute(quoted)
    except psycopg.Error as error:
        raise Broken(f"PostgreSQL refused to change databases: {error}".strip()) from error
