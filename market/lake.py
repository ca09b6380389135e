"""What is kept outside PostgreSQL, and does it hold? The lake: raw bodies and closed candles.

It lies at LAKE_URL, in a folder or in S3. A write compares the fingerprints of what PostgreSQL has
with those of what was written, and writes the partitions that differ: any number of times, after
any interruption. A partition never loses rows, so an emptied database does not empty the lake.
"""

import gzip
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import groupby
from math import inf
from time import monotonic
from typing import Any
from urllib.parse import quote

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from core import clock, objects
from core.aws import Absent
from core.database import retried
from core.errors import Broken, Retryable
from core.objects import Store
from market import ageing, bodies, candles, fixings, lake_catalog, manifests, partitions
from market.candles import Candle
from market.fixings import Fixing
from market.manifests import Entry, Manifest
from market.models import Instrument
from market.partitions import Content, Partition, Row

RAW = "raw"
BUDGET_S = 300.0  # a task that is not done in ten minutes would be given out again
FROM_THE_BEGINNING = datetime(1900, 1, 1, tzinfo=UTC)
LOCK = 7_263_553  # advisory lock: one writer of the lake
HOUR = timedelta(hours=1)
AT_ONCE = 5_000  # rows of one statement

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong with a file: missing, damaged, or not on any list."""

    key: str
    problem: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """How many files were read, and what is wrong with some."""

    files: int
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a rebuild brought into PostgreSQL, and what it could not."""

    rows: int
    strangers: tuple[str, ...]  # symbols that neither the catalog nor the lake knows
    findings: tuple[Finding, ...]


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
        bodies.forget(min(hour + HOUR, at - bodies.KEPT))
        hour += HOUR
    return written


def verify(place: Store) -> Verdict:
    """Read every file again: what is missing, damaged, or on no list. Raises Retryable."""
    listed: set[str] = set()
    findings: list[Finding] = []
    for manifest in manifests.every(place):
        listed |= manifest.entries.keys()
        problems = ((key, _problem(place, entry)) for key, entry in manifest.entries.items())
        findings += [Finding(key, problem) for key, problem in problems if problem]
    try:
        lake_catalog.read(place)
    except Broken as error:
        findings.append(Finding(lake_catalog.KEY, f"damaged: {error.message}"))
    for folder in (partitions.CANDLES, partitions.FIXINGS, RAW):
        strays = (key for key in place.find(f"{folder}/") if key not in listed)
        findings += [Finding(key, "on no list") for key in strays]
    return Verdict(len(listed), tuple(findings))


def rebuild(place: Store) -> Rebuilt:
    """Bring every whole file's candles and fixings into PostgreSQL, over what it has.

    Instruments that the catalog lacks come first. Damaged and missing files are told, the rest is
    read all the same. May be repeated.
    """
    rows, strangers, findings = 0, set[str](), list[Finding]()
    try:
        lake_catalog.restore(place)
    except Broken as error:
        findings.append(Finding(lake_catalog.KEY, error.message))
    ids = dict(Instrument.objects.values_list("symbol", "id"))
    for partition, entry in every(place):
        try:
            found = partitions.decode(partition.table, manifests.checked(place, entry))
        except (Absent, Broken) as error:
            findings.append(Finding(entry.key, error.message))
            continue
        if partition.table == partitions.FIXINGS:
            rows += _restore_fixings(found)
        else:
            strangers |= {row[0] for row in found} - ids.keys()
            rows += _restore_candles(partition, found, ids)
    return Rebuilt(rows, tuple(sorted(strangers)), tuple(findings))


def every(place: Store) -> Iterator[tuple[Partition, Entry]]:
    """Every listed partition of time series, with its entry."""
    for table in (partitions.FIXINGS, partitions.CANDLES):
        for manifest in manifests.every(place, f"{table}/"):
            for entry in manifest.entries.values():
                yield partitions.named(entry.key), entry


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


def _problem(place: Store, entry: Entry) -> str:
    """What is wrong with a file; "" where nothing is."""
    table = entry.key.partition("/")[0]
    try:
        body = manifests.checked(place, entry)
        if table != RAW and partitions.count(table, body) != entry.rows:
            return "holds another number of rows"
    except Absent:
        is_over = table == RAW and ageing.is_over(entry.written_at, clock.now())
        return "" if is_over else "missing"
    except Broken as error:
        return f"damaged: {error.message}"
    return ""


def _write_hour(place: Store, hour: datetime, source: str, lines: list[str]) -> bool:
    series = f"{RAW}/source={quote(source, safe='')}"
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


def _restore_candles(partition: Partition, rows: list[Row], ids: Mapping[str, int]) -> int:
    """Store the candles of instruments we know, some at a time: a statement may take 15 s."""
    known = [
        Candle(ids[symbol], partition.source, partition.interval, *rest, minutes=minutes)
        for symbol, *rest, minutes in rows
        if symbol in ids
    ]
    for start in range(0, len(known), AT_ONCE):
        _stored(candles.replace, known[start : start + AT_ONCE])
    return len(known)


def _restore_fixings(rows: list[Row]) -> int:
    days: dict[date, dict[str, Decimal]] = {}
    for currency, day, rate in rows:
        days.setdefault(day, {})[currency] = rate
    _stored(fixings.store, [Fixing(day, rates) for day, rates in days.items()])
    return len(rows)


def _stored(store_rows: Callable[[CursorWrapper, list[Any]], None], rows: list[Any]) -> None:
    """One transaction, again where the writer of prices was in its way."""

    def attempt() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            store_rows(cursor, rows)

    retried(attempt)


def _year(partition: Partition) -> str:
    return str(partition.begins.year)
