"""How does one database take the place of another, with nobody at work in it meanwhile?

All of it is said from the server's maintenance database, as the owner. A restore holds a lock there
as long as it runs, because advisory locks of one database say nothing in another.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql

from core.errors import Broken, Code, Refused, Retryable
from tradingsite.backup import server

LOCK_KEY = 7_263_557  # and the database's name
LEAVING_S = 3.0  # a session ends a moment after its client
DRAFT = "_restoring"
TRY = "SELECT pg_try_advisory_lock(%s, hashtext(%s))"
OTHERS = (  # whoever has no user is PostgreSQL's own
    "SELECT coalesce(nullif(application_name, ''), 'no name') FROM pg_stat_activity"
    " WHERE datname = %s AND usesysid IS NOT NULL AND pid <> pg_backend_pid() ORDER BY pid"
)
Connection = psycopg.Connection[tuple[Any, ...]]


@contextmanager
def alone(name: str) -> Iterator[None]:
    """Hold off every other restore of that database, while nobody is connected to it.

    Raises Retryable where one runs, Refused `not_ready` where somebody is connected.
    """
    with _maintenance() as connection:
        if connection.execute(TRY, [LOCK_KEY, name]).fetchone() != (True,):
            raise Retryable(f"Another restore of the database {name} runs; wait for its end.")
        _check_nobody_is_in(connection, name)
        yield


def fresh(name: str) -> str:
    """The name of an empty database beside it; what an interrupted restore left is dropped."""
    draft = name + DRAFT
    with _maintenance() as connection:
        _say(connection, "DROP DATABASE IF EXISTS {}", draft)
        _say(connection, "CREATE DATABASE {} TEMPLATE template0", draft)
    return draft


def swap(draft: str, name: str, *, kept_as: str) -> None:
    """Give the draft the name; what had it is kept under another, or dropped where that is empty.

    Raises Refused `not_ready` where somebody has connected meanwhile; then nothing has changed.
    """
    with _maintenance() as connection:
        _check_nobody_is_in(connection, name)
        if kept_as:
            _say(connection, "ALTER DATABASE {} RENAME TO {}", name, kept_as)
        else:
            _say(connection, "DROP DATABASE {}", name)
        _say(connection, "ALTER DATABASE {} RENAME TO {}", draft, name)


def drop(name: str) -> None:
    """Drop a database. Raises Broken, also while anybody is connected to it."""
    with _maintenance() as connection:
        _say(connection, "DROP DATABASE {}", name)


def _check_nobody_is_in(connection: Connection, name: str) -> None:
    until = time.monotonic() + LEAVING_S
    while found := [str(row[0]) for row in connection.execute(OTHERS, [name])]:
        if time.monotonic() > until:
            who = ", ".join(f"{who[:40]!r}" for who in dict.fromkeys(found))
            raise Refused(
                Code.NOT_READY,
                f"The database {name} is in use by {who}:"
                " stop Tradingsite and whatever else is connected, everywhere, and try again.",
            )
        time.sleep(0.1)


def _maintenance() -> Connection:
    """Raises Broken where the owner is not let in."""
    told = server.environment()
    parameters = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD"}
    given: dict[str, Any] = {
        name: told[variable] for name, variable in parameters.items() if variable in told
    }
    try:
        return psycopg.connect(**given, dbname=server.MAINTENANCE, autocommit=True)
    except psycopg.OperationalError as error:
        raise Broken(f"The database {server.MAINTENANCE} cannot be entered: {error}") from error


def _say(connection: Connection, statement: str, *names: str) -> None:
    """One statement about databases; raises Broken with PostgreSQL's reason."""
    quoted = sql.SQL(statement).format(*map(sql.Identifier, names))
    try:
        connection.execute(quoted)
    except psycopg.Error as error:
        raise Broken(f"PostgreSQL refused to change databases: {error}".strip()) from error
