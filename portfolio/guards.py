"""Is every rule that guards the books in force, and does it say what our SQL made it say?

`guards.json` holds a digest of each function, trigger, constraint, unique index and table as
migrations and SQL files make them, and of who owns it and may use it; a test compares it with a new
database, and writes it when asked (`UPDATE_GUARDS=1`). So a rule that keeps its name and loses its
meaning is found, and a stranger, and a right nobody was to have. Roles of others may read.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections
from psycopg import sql

READING = Path(__file__).with_suffix(".sql")
MADE = Path(__file__).with_suffix(".json")


@dataclass(frozen=True, slots=True, order=True)
class Guard:
    """One rule; `place` is the table it stands on, or the arguments of a function."""

    kind: str
    name: str
    place: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name} {self.place}".strip()


def broken(using: str = DEFAULT_DB_ALIAS) -> tuple[Guard, ...]:
    """Guards that are missing, off or changed, and strangers that may get round one.

    `using` names the connection that asks, as Django's settings do.
    """
    due = {Guard(*words): digest for *words, digest in json.loads(MADE.read_text())}
    found = in_force(using)
    wrong = [guard for guard, digest in due.items() if found.get(guard) != digest]
    names = {(guard.kind, guard.name) for guard in due}
    strangers = [guard for guard in found.keys() - due.keys() if _may_get_round(guard, names)]
    return tuple(sorted([*wrong, *strangers]))


def in_force(using: str = DEFAULT_DB_ALIAS) -> dict[Guard, str]:
    """Every guard the database has, with the digest of its definition."""
    with connections[using].cursor() as cursor:
        app = sql.Literal(settings.APP_ROLE).as_string()
        cursor.execute(READING.read_text().replace(":app_role", app))
        return {Guard(*words): digest for *words, digest in cursor}


def _may_get_round(stranger: Guard, names: set[tuple[str, str]]) -> bool:
    """A trigger, rewriting rule or column's right on a table of ours, or a function of our name.

    Tables, checks and indexes that an operator adds are no business of the books.
    """
    if stranger.kind == "rights of column":
        return ("table", stranger.name) in names
    if stranger.kind == "function":
        return ("function", stranger.name) in names
    return stranger.kind in ("trigger", "rule") and ("table", stranger.place) in names
