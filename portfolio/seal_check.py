"""Do the seals hold? Every seal, the rows below it and their order, read again from the start."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from hmac import compare_digest

import structlog
from django.db import connection
from django.db.models import Max

from portfolio import guards, seals, witness
from portfolio.models import Seal

# Whoever wants to touch what is sealed has to get these out of the way.
SEALED = ("accounts_auditrecord", "portfolio_journalentry", "portfolio_posting", "portfolio_seal")
WRITTEN = {"audit": "at", "journal": "created_at"}

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is not as it was sealed, in words."""

    seal: int
    words: str


@dataclass(frozen=True, slots=True)
class Tail:
    """Rows of one stream that wait for their seal, and since when the oldest does."""

    stream: str
    rows: int
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the check found; it holds where there is no fault. `tail` is normal, while short."""

    seals: int
    rows: int
    faults: tuple[Fault, ...]
    tail: tuple[Tail, ...]
    witnessed: bool = True

    @property
    def holds(self) -> bool:
        """Whether everything is as it was sealed; not proved where nobody outside remembers."""
        return not self.faults and (self.witnessed or not self.seals)


@dataclass
class _Reading:
    """How far the check has read: the chain, and each stream's rows."""

    number: int = 0
    digest: str = ""
    rows: int = 0
    ended: dict[str, int] = field(default_factory=lambda: dict.fromkeys(seals.TEXTS, seals.LOWEST))
    streams: dict[str, "_Rows"] = field(default_factory=dict)


class _Rows:
    """One stream's sealed texts, read once from the lowest id on."""

    def __init__(self, stream: str, to: int) -> None:
        self.source = seals.texts(stream, seals.LOWEST, to)
        self.ahead = next(self.source, None)

    def until(self, to: int) -> Iterator[str]:
        """The texts of all rows up to id `to` that were not read before."""
        while self.ahead is not None and self.ahead[0] <= to:
            yield self.ahead[1]
            self.ahead = next(self.source, None)


def check() -> Verdict:
    """Read everything again; changes nothing."""
    newest = Seal.objects.aggregate(last=Max("number"))["last"] or 0  # the sealer goes on meanwhile
    ends = seals.sealed_to(by=newest)
    read = _Reading(streams={name: _Rows(name, to) for name, to in ends.items()})
    keys = seals.keys()
    faults: list[Fault] = []
    for row in Seal.objects.filter(number__lte=newest).order_by("number").iterator(2000):
        faults += [Fault(row.number, words) for words in _judge(row, read, keys)]
    witnessed, missing = _missing_at_the_end(read.number)
    faults += missing + [Fault(0, f"the guard {name} is off or changed") for name in _guards_off()]
    if faults:
        log.error("the audit trail was tampered with", faults=len(faults))
    tail = tuple(_tail(stream, to) for stream, to in read.ended.items())
    return Verdict(read.number, read.rows, tuple(faults), tail, witnessed)


def _judge(row: Seal, read: _Reading, keys: dict[str, bytes]) -> Iterator[str]:
    if row.number != read.number + 1:
        yield f"seals are missing between {read.number} and {row.number}"
    if row.after_id != read.ended.get(row.stream):
        yield f"it does not begin where the last seal of the {row.stream} ended"
    if row.digest != seals.digest(row, read.digest):
        yield "the seal itself was changed, or stands in another order"
    key = keys.get(row.key_id)
    if key is None:
        yield "it is signed with a key that is not known here"
    elif not compare_digest(row.signature, seals.signature(row, key)):
        yield "its signature is not ours"
    yield from _judge_rows(row, read)
    read.number, read.digest = row.number, row.digest
    read.ended[row.stream] = row.to_id


def _judge_rows(row: Seal, read: _Reading) -> Iterator[str]:
    if row.stream not in read.streams:
        return
    texts = list(read.streams[row.stream].until(row.to_id))
    read.rows += len(texts)
    where = f"rows {max(row.after_id, 0) + 1} to {row.to_id} of the {row.stream}"
    if len(texts) != row.rows:
        yield f"{where} were {row.rows} and are {len(texts)}"
    elif seals.digest_of(iter(texts)) != row.rows_digest:
        yield f"{where} do not say what they said"


def _missing_at_the_end(last: int) -> tuple[bool, list[Fault]]:
    """Whether the newest seals that were noted outside PostgreSQL are there; nobody may know."""
    seen = witness.seen()
    gone = sorted(number for number, digest in seen if not witness.is_there(number, digest))
    words = "was made and is gone, or is another one now"
    return bool(seen), [Fault(last, f"seal {number} {words}") for number in gone[:1]]


def _guards_off() -> list[str]:
    """Guards of sealed tables that are off, or do not say what they said."""
    return [guard.name for guard in guards.broken() if guard.place in SEALED]


def unsealed_since() -> datetime | None:
    """When the oldest row was written that waits for its seal; None where none does."""
    return min((one.since for one in tails() if one.since), default=None)


def tails() -> tuple[Tail, ...]:
    """What waits for its seal now, stream by stream."""
    return tuple(_tail(stream, to) for stream, to in seals.sealed_to().items())


def _tail(stream: str, to: int) -> Tail:
    table, written = seals.TEXTS[stream][0], WRITTEN[stream]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*), min({written}) FROM {table} WHERE id > %s",  # noqa: S608
            [to],
        )
        count, since = cursor.fetchone() or (0, None)
    return Tail(stream, count, since)
