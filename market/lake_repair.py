"""How do the lake's lists come back? From the files, which say all that a list has to say.

A list that is no list any more holds up its series; files whose list is gone nobody finds again.
A file that is lost or damaged comes back from PostgreSQL, once its list doubts it.
"""

import gzip
import re
import zlib
from dataclasses import dataclass, replace

from core.aws import Absent
from core.errors import Broken
from core.objects import Store
from market import manifests, partitions, recovery
from market.manifests import RAW, Manifest
from market.partitions import CANDLES, FIXINGS
from market.recovery import Finding

RAW_KEY = re.compile(
    rf"({RAW}/source=[^/]+)/date=(\d{{4}}-\d\d)-\d\d/hour=\d\d\.jsonl\.gz", re.ASCII
)


@dataclass(frozen=True, slots=True)
class Repaired:
    """How many files were entered anew, which cannot be, how many have to be written anew."""

    entered: int
    findings: tuple[Finding, ...]
    doubted: int = 0


def repair(place: Store) -> Repaired:
    """Enter every whole file that no readable list names; a spoiled list is begun anew.

    Of a lost or damaged file the entry forgets what it was made of: the next write compares it.
    Raises Retryable, and Broken where the lake cannot be written. May be repeated.
    """
    listed, entered, doubted, findings = set[str](), 0, 0, list[Finding]()
    for key in [*manifests.keys(place)]:
        try:
            known = manifests.load(place, key)
            listed |= known.entries.keys()
            doubted += _doubt(place, known)
        except Broken:
            Manifest(key, {}).save(place)
    strays = (key for folder in (CANDLES, FIXINGS, RAW) for key in place.find(f"{folder}/"))
    for key in [key for key in strays if key not in listed]:
        try:
            _enter(place, key)
            entered += 1
        except (Absent, Broken) as error:
            findings.append(Finding(key, error.message))
    return Repaired(entered, tuple(findings), doubted)


def _doubt(place: Store, known: Manifest) -> int:
    """How many of a list's time series are not as they were written; the list is saved."""
    spoiled = [
        entry
        for key, entry in known.entries.items()
        if not key.startswith(f"{RAW}/") and recovery.problem(place, entry)
    ]
    for entry in spoiled:
        known.entries[entry.key] = replace(entry, source="")
    if spoiled:
        known.save(place)
    return len(spoiled)


def _enter(place: Store, key: str) -> None:
    """The fingerprint stays empty: the next write compares the rows with PostgreSQL's."""
    body = place.get(key)
    if found := RAW_KEY.fullmatch(key):
        series, period, rows = found[1], found[2], _lines(key, body)
    else:
        partition = partitions.named(key)
        series, period = partition.series, str(partition.begins.year)
        rows = partitions.count(partition.table, body)
    manifests.of(place, series, period).enter(place, key, body, rows=rows, source="")


def _lines(key: str, body: bytes) -> int:
    try:
        return gzip.decompress(body).count(b"\n")
    except (OSError, EOFError, zlib.error) as error:
        raise Broken(f"{key} cannot be unpacked: {error}") from error
