"""Do the copies of sealed rows in the lake say what the database says? Every file is read again.

A copy proves itself: its rows are what its seals were made of. That its seals are those of the
database, and none between them is missing, is asked here.
"""

import gzip
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from core import objects
from portfolio import seal_export, seals
from portfolio.models import Seal
from portfolio.seal_check import Fault

UNREADABLE = (OSError, EOFError, zlib.error, ValueError, KeyError, TypeError)


@dataclass(frozen=True, slots=True)
class Comparison:
    """How much was read, and what is not as it was copied; `last` is the newest copied seal."""

    files: int
    last: int
    faults: tuple[Fault, ...]


def compare() -> Comparison:
    """Read the copies again; changes nothing. Raises Retryable and Broken as the store does."""
    store = objects.at(settings.LAKE_URL)
    faults: list[Fault] = []
    files = last = 0
    for key in seal_export.files(store):
        files += 1
        try:
            copied = list(_read(gzip.decompress(store.get(key)).decode()))
            faults += _judge(key, copied, after=last)
            last = copied[-1][0]["number"]
        except UNREADABLE:
            faults.append(Fault(last + 1, f"the copy {key} cannot be read"))
    return Comparison(files, last, tuple(faults))


def _read(text: str) -> Iterator[tuple[dict[str, Any], list[str]]]:
    """Each seal of a file, and the texts that it was made of. Raises ValueError where none is."""
    lines = text.split("\n")  # a row may hold every other end of a line
    begins = [at for at, line in enumerate(lines) if line.startswith("{")]
    if not begins or begins[0]:
        raise ValueError(text[:40])
    for begin, end in zip(begins, [*begins[1:], len(lines)], strict=True):
        yield json.loads(lines[begin]), lines[begin + 1 : end]


def _judge(key: str, copied: list[tuple[dict[str, Any], list[str]]], *, after: int) -> list[Fault]:
    faults = []
    ours = Seal.objects.in_bulk([said["number"] for said, _ in copied])
    for said, rows in copied:
        number = said["number"]
        if number != after + 1:
            faults.append(Fault(number, f"copies are missing between it and seal {after}"))
        if number not in ours:
            faults.append(Fault(number, f"it was copied to {key} and is gone"))
        elif ours[number].digest != said["digest"]:
            faults.append(Fault(number, f"it is another one than was copied to {key}"))
        elif seals.digest_of(iter(rows)) != ours[number].rows_digest:
            faults.append(Fault(number, f"the rows in its copy {key} do not say what they said"))
        after = number
    return faults
