"""Which SQL does the database carry beyond its tables? Books, ticks and grants, with a stamp."""

import hashlib
from functools import cache
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connections, transaction
from django.db.backends.utils import CursorWrapper
from psycopg import sql

from core.database import sqlstate
from core.errors import Broken
from tradingsite.datafolder import PROJECT

FILES = (
    *("market/ticks.sql", "market/studies.sql"),
    *("accounts/audit.sql", "accounts/protection.sql"),
    *("portfolio/books.sql", "portfolio/openings.sql", "portfolio/freezing.sql"),
    *("portfolio/known.sql", "tradingsite/grants.sql"),
)
OLDEST_SERVER = 160_000
NOT_ALLOWED = "42501"
LOCK_KEY = 7_263_551  # two migrations at once take turns


def load() -> None:
    """Run every file as the owner in one transaction and leave the stamp; may be repeated."""
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK_KEY])
        for path in existing():
            cursor.execute(path.read_text())
        comment = sql.SQL("COMMENT ON TABLE django_migrations IS {}").format(stamp())
        cursor.execute(comment.as_string())


def are_current() -> bool:
    """Whether the database carries exactly these files; asked under the app's role."""
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT obj_description('django_migrations'::regclass, 'pg_class')")
        return bool(cursor.fetchone()[0] == stamp())


@cache
def stamp() -> str:
    """The files' sha256; read once, because the running code is that of the process's start."""
    texts = b"\0".join(path.read_bytes() for path in existing())
    return f"rules sha256:{hashlib.sha256(texts).hexdigest()}"


def existing() -> list[Path]:
    """The SQL files in the order they build on each other."""
    return [PROJECT / name for name in FILES if (PROJECT / name).exists()]


def prepare_roles() -> None:
    """Create the app's role and let whoever DATABASE_URL names take it; as the owner.

    Raises Broken where the server is older than PostgreSQL 16, or the owner may not do that.
    """
    with connections["owner"].cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        if int(cursor.fetchone()[0]) < OLDEST_SERVER:
            raise Broken("PostgreSQL 16 or newer is needed.")
        statements = _missing(cursor, connections["default"].settings_dict["USER"])
        try:
            for statement in statements:
                cursor.execute(statement)
        except DatabaseError as error:
            if sqlstate(error) != NOT_ALLOWED:
                raise
            raise Broken(
                f"{connections['owner'].settings_dict['USER']} may not prepare the role"
                f" {settings.APP_ROLE}, whose rights the site has: let a superuser of PostgreSQL"
                f" run  {'; '.join(statements)};  once, then start again."
            ) from error


def _missing(cursor: CursorWrapper, user: str) -> list[str]:
    """The statements that make the app's role and let `user` take it, as far as they are due."""
    made = has_role(cursor, settings.APP_ROLE)
    create = [] if made else [f"CREATE ROLE {settings.APP_ROLE}"]
    if user == settings.APP_ROLE or not has_role(cursor, user):
        return create
    if made:
        cursor.execute("SELECT pg_has_role(%s, %s, 'SET')", [user, settings.APP_ROLE])
        if cursor.fetchone() != (False,):
            return []
    grant = sql.SQL("GRANT site_app TO {} WITH INHERIT FALSE, SET TRUE")
    return [*create, grant.format(sql.Identifier(user)).as_string()]


def has_role(cursor: CursorWrapper, name: str) -> bool:
    """Whether the server knows a role of that name."""
    cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name])
    return cursor.fetchone() is not None
