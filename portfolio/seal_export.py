"""Where do sealed rows lie outside the database? Below `audit/` in the lake, in files of their own.

A file holds some seals, each followed by the texts it was made of, so it can be checked on its own
with nothing but SHA-256. It also bears witness: a seal that was copied cannot be cut off any more.
"""

import gzip
import json
from collections.abc import Iterator

from django.conf import settings

from core import clock, objects
from core.errors import Broken
from core.objects import Store
from portfolio import seals
from portfolio.models import Seal

FOLDER = "audit/"
ROWS_MAX = 50_000  # of one file


def export(*, anew: bool = False) -> int:
    """Copy the seals that are new, with their rows; how many files that made.

    `anew` begins again in a folder of its own, after a restore. Raises Broken where the newest
    copied seal is not in the database as it was copied; Retryable and Broken as the store does.
    """
    store = objects.at(settings.LAKE_URL)
    newest = _newest(store)
    folder = newest.rpartition("/")[0] if newest else FOLDER.rstrip("/")
    if anew:
        folder = f"{FOLDER}restored-{clock.now():%Y%m%dT%H%M%SZ}"
    last = 0 if anew or not newest else _last_copied(store, newest)
    made = 0
    while rows := _next_seals(last):
        body = "\n".join(line for row in rows for line in _lines(row))
        last = rows[-1].number
        key = f"{folder}/{rows[0].number:012d}-{last:012d}.jsonl.gz"
        store.put(key, gzip.compress(body.encode(), mtime=0))
        made += 1
    return made


def files(store: Store) -> Iterator[str]:
    """The files in which the newest copies lie, oldest first; those from before a restore not."""
    folder = _newest(store).rpartition("/")[0]
    return (key for key in store.find(FOLDER) if key.rpartition("/")[0] == folder)


def _newest(store: Store) -> str:
    """The last file by name; folders made after a restore come after the first one's files."""
    *_, newest = ["", *store.find(FOLDER)]
    return newest


def _last_copied(store: Store, newest: str) -> int:
    # A row may hold every other end of a line.
    lines = gzip.decompress(store.get(newest)).decode().split("\n")
    said = [json.loads(line) for line in lines if line.startswith("{")][-1]
    if not Seal.objects.filter(number=said["number"], digest=said["digest"]).exists():
        raise Broken(f"Seal {said['number']} was copied to {newest} and is not in the database.")
    return int(said["number"])


def _next_seals(after: int) -> list[Seal]:
    """The seals that follow, as many as fit into one file."""
    taken: list[Seal] = []
    size = 0
    for row in Seal.objects.filter(number__gt=after).order_by("number")[:ROWS_MAX]:
        if taken and size + row.rows > ROWS_MAX:
            break
        taken.append(row)
        size += row.rows
    return taken


def _lines(row: Seal) -> Iterator[str]:
    """The seal as an object, then what it seals: one array a line, byte for byte."""
    said = {name: getattr(row, name) for name in ("number", "stream", "after_id", "to_id", "rows")}
    said |= {name: getattr(row, name) for name in ("rows_digest", "digest", "key_id", "signature")}
    yield json.dumps(said | {"made_at": clock.iso(row.made_at)})
    yield from (text for _, text in seals.texts(row.stream, row.after_id, row.to_id))
