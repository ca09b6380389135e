"""Do the books hold? Every rule proved by the rows themselves, not by the rules' own word."""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import Sum

from portfolio import guards
from portfolio.models import JournalEntry, LedgerAccount, Posting

CHECKS = Path(__file__).with_name("checks.sql")
QUESTION = re.compile(r"^-- (\w+): (.+)\n([^;]+);", re.MULTILINE)
EXAMPLES = 5
# One snapshot for all questions, so that what moves meanwhile is no break; all the time it takes.
READING = (
    "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY",
    "SET LOCAL statement_timeout = 0",
    "SET LOCAL idle_in_transaction_session_timeout = 0",
    "SET LOCAL work_mem = '128MB'",
)


@dataclass(frozen=True, slots=True)
class Finding:
    """The answer to one question: how many rows break the rule, and some of their ids or names."""

    name: str
    meaning: str
    count: int
    examples: tuple[object, ...]
    seconds: str


@dataclass(frozen=True, slots=True)
class Position:
    """What the house owns (positive) or gave (negative) in one of its accounts."""

    mode: str
    kind: str
    currency: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Proof:
    """Figures, the house's positions and one finding per question; `holds` when none is broken."""

    entries: int
    postings: int
    accounts: int
    positions: tuple[Position, ...]
    findings: tuple[Finding, ...]

    @property
    def holds(self) -> bool:
        """Whether every question was answered with nothing."""
        return not any(finding.count for finding in self.findings)


def check() -> Proof:
    """Ask every question of `checks.sql` in one snapshot, and look at the rules; changes nothing.

    Raises RuntimeError inside a transaction: the snapshot has to be its own.
    """
    if connection.in_atomic_block:
        raise RuntimeError("the books are checked in a snapshot of their own")
    with transaction.atomic(), connection.cursor() as cursor:
        for setting in READING:
            cursor.execute(setting)
        return Proof(
            entries=JournalEntry.objects.count(),
            postings=Posting.objects.count(),
            accounts=LedgerAccount.objects.count(),
            positions=house_positions(),
            findings=(*_findings(cursor), _unguarded()),
        )


def house_positions() -> tuple[Position, ...]:
    """The house's balances, derived from its postings."""
    rows = (
        Posting.objects.filter(account__owner=None)
        .values_list("account__mode", "account__kind", "account__currency__code")
        .annotate(Sum("amount"))
        .order_by("account__mode", "account__currency__code", "account__kind")
    )
    return tuple(Position(*row) for row in rows)


def questions() -> list[tuple[str, str, str]]:
    """Name, meaning and query of every question."""
    return [match.groups() for match in QUESTION.finditer(CHECKS.read_text())]  # type: ignore[misc]


def _findings(cursor: CursorWrapper) -> Iterator[Finding]:
    for name, meaning, query in questions():
        started = time.perf_counter()
        cursor.execute(
            f"SELECT count(*), (array_agg(id))[1:{EXAMPLES}] FROM ({query}) AS broken(id)"  # noqa: S608
        )
        count, examples = cursor.fetchone() or (0, None)
        taken = f"{time.perf_counter() - started:.1f}"
        yield Finding(name, meaning, count, tuple(examples or ()), taken)


def _unguarded() -> Finding:
    """Rules that the next movement would not meet, whatever the rows say today."""
    started = time.perf_counter()
    wrong = guards.broken()
    taken = f"{time.perf_counter() - started:.1f}"
    meaning = "rules of the books that are missing, off, changed or not ours"
    return Finding("unguarded", meaning, len(wrong), tuple(map(str, wrong[:EXAMPLES])), taken)
