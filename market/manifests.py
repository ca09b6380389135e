"""Which files should the lake hold, and what exactly is in them? A list beside every series.

A file is put first, then its entry: whoever stops in between leaves a file that does not match its
entry, which the next write puts right.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from core import clock
from core.aws import Absent
from core.errors import Broken
from core.objects import Store

FOLDER, RAW = "manifests", "raw"


@dataclass(frozen=True, slots=True)
class Entry:
    """What one file is: `source` is the fingerprint of the rows it was made of."""

    key: str
    sha256: str
    bytes: int
    rows: int
    source: str
    written_at: str


@dataclass(slots=True)
class Manifest:
    """The entries of one list, by the key of their file."""

    key: str
    entries: dict[str, Entry]

    def save(self, store: Store) -> None:
        """Write the list; raises Retryable, Broken."""
        known = {key: asdict(entry) for key, entry in sorted(self.entries.items())}
        store.put(self.key, json.dumps(known, indent=1).encode())

    def enter(self, store: Store, key: str, body: bytes, *, rows: int, source: str) -> None:
        """Note what was put under a key, and write the list; raises Retryable, Broken."""
        written_at = clock.iso(clock.now())
        self.entries[key] = Entry(key, digest(body), len(body), rows, source, written_at)
        self.save(store)


def of(store: Store, series: str, period: str) -> Manifest:
    """The list of a series' files in a period; raises Retryable, Broken."""
    return load(store, f"{FOLDER}/{series}/{period}.json")


def every(store: Store, folder: str = "") -> Iterator[Manifest]:
    """All lists below a folder of the lake; raises Retryable, Broken."""
    for key in keys(store, folder):
        yield load(store, key)


def keys(store: Store, folder: str = "") -> Iterator[str]:
    """Where the lists below a folder of the lake lie; raises Retryable, Broken."""
    return store.find(f"{FOLDER}/{folder}")


def load(store: Store, key: str) -> Manifest:
    """A list, empty where there is none; raises Retryable, and Broken where it is no list."""
    try:
        known = json.loads(store.get(key))
        entries = {name: Entry(**fields) for name, fields in known.items()}
        if any(name != entry.key for name, entry in entries.items()):
            raise ValueError("an entry stands under another's name")
        return Manifest(key, entries)
    except Absent:
        return Manifest(key, {})
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise Broken(f"{key} is no list of files: {error}") from error


def checked(store: Store, entry: Entry) -> bytes:
    """The file as it was written; raises Absent, Broken when it is another, Retryable."""
    body = store.get(entry.key)
    if digest(body) != entry.sha256:
        raise Broken(f"{entry.key} is not what was written there.")
    return body


def digest(body: bytes) -> str:
    """The sha256 of a file, in hexadecimal."""
    return hashlib.sha256(body).hexdigest()
