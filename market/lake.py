"""What is kept outside PostgreSQL? The lake: raw bodies, closed candles and fixings.

It lies at LAKE_URL, in a folder or in S3. A write compares the fingerprints of what PostgreSQL has
with those of what was written, and writes the partitions that differ: any number of times, after
any interruption. A partition never loses rows, so an emptied database does not empty the lake.
"""

import gzip
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import groupby
from math import inf
from time import monotonic
from urllib.parse import quote

import structlog
from django.conf import settings
from django.db import connection

from core import clock, objects
from core.aws import Absent
from core.errors import Broken, Retryable
from core.objects import Store
from market import ageing, bodies, lake_catalog, manifests, partitions
from market.manifests import Entry, Manifest
from market.partitions import Content, Partition, Row

BUDGET_S = 300.0  # a task that is not done in ten minutes would be given out again
FROM_THE_BEGINNING = datetime(1900, 1, 1, tzinfo=UTC)
LOCK = 7_263_553  # advisory lock: one writer of the lake
HOUR = timedelta(hours=1)

log = structlog.get_logger()


def store() -> Store:
    """The place of the lake; raises Broken where LAKE_URL names none."""
    return objects.at(settings.LAKE_URL)


def keep_hour() -> str:
    """Write the past hours' bodies, today's minutes and this month's hours; says how many files.

    Raises Retryable, Broken, `redis.RedisError`; what was not written the next hour writes.
    """
    at = clock.now()
    with alone():
        raw = write_bodies(store(), at)
        written = write(store(), since=at - 2 * HOUR, within_s=BUDGET_S)
    return f"{raw} hours of bodies and {written} partitions written"


def keep_day() -> str:
    """Write what PostgreSQL has that the lake has not, within 5 minutes, and let old things age.

    Says what was done. Raises Retryable, Broken.
    """
    with alone():
        written = write(store(), since=FROM_THE_BEGINNING, within_s=BUDGET_S)
        aged = ageing.settle(store(), clock.now())
    return f"{written} partitions written, {aged}"


def write(place: Store, *, since: datetime, within_s: float = inf) -> int:
    """Write every partition reaching beyond `since` that differs from PostgreSQL; how many.

    After `within_s` seconds the rest is left to the next write. A partition that cannot be written
    does not keep the others from it. Raises Retryable at once, and Broken in the end.
    """
    over_at = monotonic() + within_s
    written, troubles = 0, list[str]()
    try:
        lake_catalog.write(place)
    except Broken as error:
        troubles.append(error.message)
    seen = sorted(partitions.in_database(since).items())
    for (series, year), group in groupby(seen, key=lambda one: (one[0].series, _year(one[0]))):
        try:
            listed = manifests.of(place, series, year)
        except Broken as error:
            troubles.append(error.message)
            continue
        for partition, fingerprint in group:
            known = listed.entries.get(partition.key)
            if (known and known.source == fingerprint) or monotonic() >= over_at:
                continue
            try:
                _write_one(place, listed, partition)
                written += 1
            except Broken as error:
                troubles.append(error.message)
    if troubles:
        raise Broken(f"{written} partitions written, {len(troubles)} not: {troubles[0]}")
    return written


def write_bodies(place: Store, at: datetime) -> int:
    """Write every finished hour of bodies that is not there yet; says how many files.

    An hour is written once: bodies that came in it come no more.
    """
    hour = bodies.first_hour()
    written = 0
    while hour is not None and hour + HOUR <= at:
        lines: dict[str, list[str]] = {}
        for body in bodies.of_hour(hour):
            lines.setdefault(body.source, []).append(body.line)
        written += sum(_write_hour(place, hour, name, said) for name, said in lines.items())
        hour += HOUR
        bodies.forget(min(hour, at - bodies.KEPT))
    return written


@contextmanager
def alone() -> Iterator[None]:
    """One writer at a time, in any process; raises Retryable while there is another."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
        if cursor.fetchone() != (True,):
            raise Retryable("Another process is writing the lake.")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


def _write_one(place: Store, listed: Manifest, partition: Partition) -> None:
    """Put the file, then its entry. A damaged file gives way only to as many rows."""
    content = partitions.read(partition)
    known = listed.entries.get(partition.key)
    rows = partitions.merged(_kept(place, partition, known, content), content.rows)
    body = partitions.encode(partition.table, rows)
    place.put(partition.key, body)
    _enter(place, listed, partition.key, body, rows=len(rows), source=content.fingerprint)


def _kept(
    place: Store, partition: Partition, known: Entry | None, content: Content
) -> Iterable[Row]:
    """The rows the lake has; none of a file that PostgreSQL can make anew. Raises Broken."""
    try:
        body = manifests.checked(place, known) if known else place.get(partition.key)
        return partitions.decode(partition.table, body)
    except (Absent, Broken) as error:
        if known and len(content.rows) < known.rows:
            raise Broken(f"{error.message} PostgreSQL has fewer rows than it had.") from error
        if known or not isinstance(error, Absent):
            log.warning("lake file written anew", key=partition.key, problem=error.message)
        return []


def _write_hour(place: Store, hour: datetime, source: str, lines: list[str]) -> bool:
    series = f"{manifests.RAW}/source={quote(source, safe='')}"
    listed = manifests.of(place, series, f"{hour:%Y-%m}")
    key = f"{series}/date={hour:%Y-%m-%d}/hour={hour:%H}.jsonl.gz"
    if key in listed.entries:
        return False
    body = gzip.compress("".join(f"{line}\n" for line in lines).encode(), mtime=0)
    place.put(key, body)
    _enter(place, listed, key, body, rows=len(lines), source="")
    return True


def _enter(
    place: Store, listed: Manifest, key: str, body: bytes, *, rows: int, source: str
) -> None:
    written_at = clock.iso(clock.now())
    digest = manifests.digest(body)
    listed.entries[key] = Entry(key, digest, len(body), rows, source, written_at)
    listed.save(place)


def _year(partition: Partition) -> str:
    return str(partition.begins.year)
