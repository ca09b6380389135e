"""What is kept outside PostgreSQL? The lake: raw bodies, closed candles and fixings.

It lies at LAKE_URL, in a folder or in S3. A write compares the fingerprints of what PostgreSQL has
with those of what was written, and writes the partitions that differ: any number of times, after
any interruption. A partition never loses rows, so an emptied database does not empty the lake.
"""

import gzip
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
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
from market import ageing, bodies, lake_catalog, manifests, partitions, quant
from market.manifests import Entry, Manifest
from market.partitions import Content, Partition, Row

TURN_S = 2.0  # of the one process for heavy work; then whatever waits comes first
EXPIRES_S = 3600.0
TASK = "market.quant.lake_write"
FROM_THE_BEGINNING = datetime(1900, 1, 1, tzinfo=UTC)
LOCK = 7_263_553  # advisory lock: one writer of the lake
HOUR = timedelta(hours=1)

log = structlog.get_logger()


def store() -> Store:
    """The place of the lake; raises Broken where LAKE_URL names none."""
    return objects.at(settings.LAKE_URL)


def keep_hour() -> str:
    """Write the past hours' bodies, and have today's minutes and this month's hours written.

    Says how many files. Raises Retryable, Broken, `redis.RedisError`; what was not written the
    next hour writes.
    """
    at = clock.now()
    quant.ask(TASK, (at - 2 * HOUR).isoformat(), expires_s=EXPIRES_S)
    with alone():
        return f"{write_bodies(store(), at)} hours of bodies written"


def keep_day() -> str:
    """Have written what PostgreSQL has that the lake has not, and let old things age.

    Says what was done. Raises Retryable, Broken.
    """
    quant.ask(TASK, FROM_THE_BEGINNING.isoformat(), expires_s=EXPIRES_S)
    with alone():
        return ageing.settle(store(), clock.now())


def take_turn(since: str, after: str = "") -> str:
    """Write for two seconds, go on behind whatever else waits; says how many files.

    `after` is the key of the partition that was looked at last. Raises Retryable, after which the
    rest is left to the next hour or day, and Broken.
    """
    with alone():
        turn = _write(store(), datetime.fromisoformat(since), after, within_s=TURN_S)
    if turn.stopped_at:
        quant.ask(TASK, since, turn.stopped_at, expires_s=EXPIRES_S)
    return f"{turn.count()} partitions written"


def write(place: Store, *, since: datetime) -> int:
    """Write every partition reaching beyond `since` that differs from PostgreSQL; how many.

    A partition that cannot be written does not keep the others from it. Raises Retryable at once,
    and Broken in the end.
    """
    return _write(place, since, "", within_s=inf).count()


@dataclass(slots=True)
class _Turn:
    """What came of writing: how many files, what could not be written, where it stopped."""

    written: int = 0
    troubles: list[str] = field(default_factory=list)
    stopped_at: str = ""  # a partition's key; "" where all was looked at

    def count(self) -> int:
        """The files that were written; raises Broken where some could not be."""
        if self.troubles:
            said = f"{self.written} partitions written, {len(self.troubles)} not"
            raise Broken(f"{said}: {self.troubles[0]}")
        return self.written

    @contextmanager
    def go_on(self) -> Iterator[None]:
        """Keep what is broken from stopping the rest."""
        try:
            yield
        except Broken as error:
            self.troubles.append(error.message)


def _write(place: Store, since: datetime, after: str, *, within_s: float) -> _Turn:
    """Look at the partitions behind `after`: one at least, then as long as there is time."""
    over_at, turn = monotonic() + within_s, _Turn()
    if not after:
        with turn.go_on():
            lake_catalog.write(place)
    left = (one for one in partitions.reaching(since) if one.key > after)
    for (series, year), group in groupby(left, key=lambda one: (one.series, _year(one))):
        with turn.go_on():
            listed = manifests.of(place, series, year)
            for partition in group:
                with turn.go_on():
                    turn.written += _write_one(place, listed, partition)
                if monotonic() >= over_at:
                    turn.stopped_at = partition.key
                    return turn
    return turn


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


def _write_one(place: Store, listed: Manifest, partition: Partition) -> bool:
    """Put the file, then its entry, unless it holds these rows already.

    A damaged file gives way only to as many rows.
    """
    known, fingerprint = listed.entries.get(partition.key), partitions.fingerprint(partition)
    if fingerprint is None or (known and known.source == fingerprint):
        return False
    content = partitions.read(partition)
    rows = partitions.merged(_kept(place, partition, known, content), content.rows)
    body = partitions.encode(partition.table, rows)
    place.put(partition.key, body)
    listed.enter(place, partition.key, body, rows=len(rows), source=content.fingerprint)
    return True


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
    listed.enter(place, key, body, rows=len(lines), source="")
    return True


def _year(partition: Partition) -> str:
    return str(partition.begins.year)
