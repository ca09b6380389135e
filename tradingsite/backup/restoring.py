"""How does a backup become the database again? Beside the old one, which is renamed, not lost.

The backup is read to its end before anything is touched. It is loaded into a new database; only
when that is whole do the names change, so a restore that fails leaves everything as it was.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.core.management import call_command
from django.db import connections

from core import clock, objects
from core.aws import Absent
from core.errors import Broken, Code, Refused
from portfolio import books
from tradingsite import rules
from tradingsite.backup import archive, contents, databases, keys, making, server
from tradingsite.backup.archive import Manifest


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did; `kept_as` is the earlier database's new name, or empty.

    `left_out` names functions and the like of somebody else that could not be made again.
    """

    backup_id: str
    kept_as: str
    entries: int
    left_out: tuple[str, ...]


def restore(backup_id: str, *, replace: bool) -> Restored:
    """Bring a backup back; the newest one where no id is given.

    Raises Refused where the database holds something and `replace` is not set, Damaged where the
    backup is not what was written, Absent where there is none, Broken where PostgreSQL refuses;
    Retryable beside another restore, Refused while anybody is connected.
    """
    name = str(settings.DATABASES["owner"]["NAME"])
    connections.close_all()
    with databases.alone(name):
        return _restored(name, backup_id, replace=replace)


def _restored(name: str, backup_id: str, *, replace: bool) -> Restored:
    found = making.verify(backup_id or _newest())
    rules.prepare_roles()
    is_empty = _is_empty()
    if not is_empty and not replace:
        raise Refused(Code.MALFORMED, "The database is not empty; --replace keeps it by its side.")
    connections.close_all()
    draft, left_out = loaded(found, name)
    connections.close_all()
    kept_as = "" if is_empty else f"{name}_before_{clock.now():%Y%m%d%H%M%S}"
    databases.swap(draft, name, kept_as=kept_as)
    call_command("prepare_database", migrate=True, verbosity=0)
    proof = books.check()
    if not proof.holds:
        raise Broken("The backup was restored, and its books do not hold: manage.py check_books.")
    return Restored(found.id, kept_as, proof.entries, left_out)


def loaded(found: Manifest, name: str) -> tuple[str, tuple[str, ...]]:
    """The draft that holds the backup, and what somebody else wrote and cannot be made there."""
    draft = databases.fresh(name)
    try:
        server.load(_pieces(found), database=draft)
    except Broken:
        held = contents.of(_pieces(found))
        if not held.left_out:
            raise
        draft = databases.fresh(name)
        server.load(_pieces(found), database=draft, only=held.wanted)
        return draft, held.left_out
    return draft, ()


def _pieces(found: Manifest) -> Iterator[bytes]:
    return archive.read(objects.at(settings.BACKUP_URL), found, secret=keys.backup_key())


def _newest() -> str:
    ids = archive.listing(objects.at(settings.BACKUP_URL))
    if not ids:
        raise Absent(f"There is no backup at {settings.BACKUP_URL}.")
    return ids[-1]


def _is_empty() -> bool:
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace")
        return bool(cursor.fetchone()[0] == 0)
