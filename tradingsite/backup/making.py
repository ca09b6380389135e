"""How is a backup made? Dump, encrypt, store, read back the list, drop what is too old."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.conf import settings

from core import clock, objects
from core.errors import PlatformError
from tradingsite.backup import archive, keeping, keys, report, server, strangers
from tradingsite.backup.archive import Manifest
from tradingsite.backup.strangers import Stranger


def make() -> Manifest:
    """Make one now and remember how it went. Raises Retryable, Broken."""
    with _failure_remembered():
        return _reported()


def make_if_due() -> Manifest | None:
    """The same where the newest is an hour old; a store that does not say is a failure too."""
    with _failure_remembered():
        return _reported() if keeping.is_due(listing(), at=clock.now()) else None


def listing() -> list[str]:
    """The ids of all backups, oldest first. Raises Retryable, Broken."""
    return archive.listing(objects.at(settings.BACKUP_URL))


def verify(backup_id: str) -> Manifest:
    """Read a backup from end to end. Raises Damaged, Absent, Retryable, Broken."""
    store = objects.at(settings.BACKUP_URL)
    found = archive.manifest(store, backup_id, secret=keys.backup_key())
    for _ in archive.read(store, found, secret=keys.backup_key()):
        pass
    return found


@contextmanager
def _failure_remembered() -> Iterator[None]:
    began = clock.now()
    try:
        yield
    except PlatformError as error:
        known = report.last(settings.BACKUP_REPORT)
        made_at = known.made_at if known else ""
        failed = report.Outcome(began.isoformat(), made_at, trouble=str(error))
        report.remember(settings.BACKUP_REPORT, failed)
        raise


def _reported() -> Manifest:
    began = clock.now()
    with server.one_backup():
        foreign = strangers.found()
        made = _stored(without=foreign)
    done = report.Outcome(
        began.isoformat(),
        made.made_at.isoformat(),
        made.size,
        len(listing()),
        strangers=strangers.said(foreign),
    )
    report.remember(settings.BACKUP_REPORT, done)
    return made


def _stored(*, without: Sequence[Stranger]) -> Manifest:
    store = objects.at(settings.BACKUP_URL)
    for abandoned in archive.leftovers(store):
        archive.remove(store, abandoned)
    dump = server.dump(one.pattern for one in without if one.kind != "function")
    made = archive.write(
        store, dump, at=clock.now(), server=server.version(), secret=keys.backup_key()
    )
    for old in keeping.superfluous(archive.listing(store)):
        archive.remove(store, old)
    if settings.BACKUP_COPY_URL:
        copy(made)
    return made


def copy(made: Manifest) -> None:
    """Put the same objects into the second store, the manifest last. Raises Retryable, Broken."""
    source, target = objects.at(settings.BACKUP_URL), objects.at(settings.BACKUP_COPY_URL)
    keys = sorted(source.find(f"{made.id}/"), key=lambda key: key.endswith(archive.MANIFEST))
    for key in keys:
        target.put(key, source.get(key))
    for old in keeping.superfluous(archive.listing(target)):
        archive.remove(target, old)
