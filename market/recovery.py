"""Does the lake hold, and what comes back out of it? Verify reads every file; rebuild restores.

What is damaged or missing is told, and does not keep the rest from being read.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from core import clock
from core.aws import Absent
from core.database import retried
from core.errors import Broken
from core.objects import Store
from market import ageing, candle_store, fixings, lake_catalog, manifests, partitions
from market.candles import Candle
from market.fixings import Fixing
from market.manifests import RAW, Entry, Manifest
from market.models import Instrument
from market.partitions import CANDLES, FIXINGS, Partition, Row

AT_ONCE = 5_000  # rows of one statement
UNLISTED = "on no list, read all the same; `lake repair` enters it"


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


def verify(place: Store) -> Verdict:
    """Read every file again: what is missing, damaged, or on no list. Raises Retryable."""
    listed: set[str] = set()
    findings: list[Finding] = []
    for manifest in _lists(place, "", findings):
        listed |= manifest.entries.keys()
        told = ((key, problem(place, entry)) for key, entry in manifest.entries.items())
        findings += [Finding(key, what) for key, what in told if what]
    try:
        lake_catalog.read(place)
    except Broken as error:
        findings.append(Finding(lake_catalog.KEY, f"damaged: {error.message}"))
    for folder in (CANDLES, FIXINGS, RAW):
        strays = (key for key in place.find(f"{folder}/") if key not in listed)
        findings += [Finding(key, "on no list") for key in strays]
    return Verdict(len(listed), tuple(findings))


def rebuild(place: Store) -> Rebuilt:
    """Bring every whole file's candles and fixings into PostgreSQL, over what it has.

    Instruments that the catalog lacks come first. Damaged and missing files are told, the rest is
    read all the same, whether a list names it or not. May be repeated.
    """
    rows, strangers, findings = 0, set[str](), list[Finding]()
    try:
        lake_catalog.restore(place)
    except Broken as error:
        findings.append(Finding(lake_catalog.KEY, error.message))
    ids = dict(Instrument.objects.values_list("symbol", "id"))
    for key, entry in _files(place, findings):
        try:
            partition = partitions.named(key)
            body = manifests.checked(place, entry) if entry else place.get(key)
            found = partitions.decode(partition.table, body)
        except (Absent, Broken) as error:
            findings.append(Finding(key, error.message))
            continue
        if partition.table == FIXINGS:
            rows += _restore_fixings(found)
        else:
            strangers |= {row[0] for row in found} - ids.keys()
            rows += _restore_candles(partition, found, ids)
    return Rebuilt(rows, tuple(sorted(strangers)), tuple(findings))


def _files(place: Store, findings: list[Finding]) -> Iterator[tuple[str, Entry | None]]:
    """Every file of time series with its entry; those that no list names are told, too."""
    for table in (FIXINGS, CANDLES):
        listed: set[str] = set()
        for manifest in _lists(place, f"{table}/", findings):
            listed |= manifest.entries.keys()
            yield from manifest.entries.items()
        for key in place.find(f"{table}/"):
            if key not in listed:
                findings.append(Finding(key, UNLISTED))
                yield key, None


def _lists(place: Store, folder: str, findings: list[Finding]) -> Iterator[Manifest]:
    """The lists below a folder that can be read; the others are told."""
    for key in manifests.keys(place, folder):
        try:
            manifest = manifests.load(place, key)
        except Broken as error:
            findings.append(Finding(key, error.message))
        else:
            yield manifest


def problem(place: Store, entry: Entry) -> str:
    """What is wrong with a file; "" where nothing is. Raises Retryable."""
    table = entry.key.partition("/")[0]
    try:
        body = manifests.checked(place, entry)
        if table != RAW and _count(entry.key, body) != entry.rows:
            return "holds another number of rows"
    except Absent:
        is_over = table == RAW and ageing.is_over(entry.written_at, clock.now())
        return "" if is_over else "missing"
    except Broken as error:
        return f"damaged: {error.message}"
    return ""


def _count(key: str, body: bytes) -> int:
    return partitions.count(partitions.named(key).table, body)


def _restore_candles(partition: Partition, rows: list[Row], ids: Mapping[str, int]) -> int:
    """Store the candles of instruments we know, some at a time: a statement may take 15 s."""
    known = [
        Candle(ids[symbol], partition.source, partition.interval, *rest, minutes=minutes)
        for symbol, *rest, minutes in rows
        if symbol in ids
    ]
    for start in range(0, len(known), AT_ONCE):
        _stored(candle_store.replace, known[start : start + AT_ONCE])
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
