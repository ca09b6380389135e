"""What happened in an account? The journal as its owner reads it: filtered, newest first."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from core import clock
from core.money import Money
from portfolio import ledger
from portfolio.models import JournalEntry, TradingAccount

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class Filter:
    """What the person wants to see; `until` is the last day included, days are UTC."""

    kind: str = ""
    currency: str = ""
    since: date | None = None
    until: date | None = None

    def as_arguments(self) -> dict[str, Any]:
        """The filter as `ledger.entries` and `statement.pieces` take it."""
        return {
            "kind": self.kind,
            "currency": self.currency,
            "since": self.since and clock.midnight(self.since),
            "until": self.until and clock.midnight(self.until + timedelta(days=1)),
        }


@dataclass(frozen=True, slots=True)
class Line:
    """One entry: how much of each currency the person's balances gained or lost."""

    entry: JournalEntry
    changes: tuple[Money, ...]

    @property
    def given(self) -> Money | None:
        """The loss, where there is one."""
        return next((money for money in self.changes if money.amount < 0), None)

    @property
    def received(self) -> Money | None:
        """The gain, where there is one."""
        return next((money for money in self.changes if money.amount > 0), None)

    @property
    def all_in_rate(self) -> Decimal | None:
        """Units received per 1 given, everything included."""
        if self.given is None or self.received is None:
            return None
        return self.received.amount / -self.given.amount


@dataclass(frozen=True, slots=True)
class Page:
    """Some lines, and the entry number after which older ones begin."""

    lines: tuple[Line, ...]
    older: int | None


def page(account: TradingAccount, wanted: Filter, *, before: int | None = None) -> Page:
    """Up to 50 lines older than entry `before`, newest first."""
    found = ledger.entries(account, **wanted.as_arguments())
    if before is not None:
        found = found.filter(pk__lt=before)
    entries = list(found[: PAGE_SIZE + 1])
    shown = entries[:PAGE_SIZE]
    older = shown[-1].pk if len(entries) > PAGE_SIZE else None
    return Page(tuple(Line(entry, changes(entry)) for entry in shown), older)


def recent_conversions(account: TradingAccount, count: int) -> tuple[Line, ...]:
    """The newest conversions."""
    found = ledger.entries(account, kind=JournalEntry.Kind.CONVERSION)
    return tuple(Line(entry, changes(entry)) for entry in found[:count])


def changes(entry: JournalEntry) -> tuple[Money, ...]:
    """The entry's effect on the person's own balances, one sum per currency, losses first."""
    sums: dict[str, Decimal] = {}
    for posting in entry.postings.all():
        if posting.account.owner_id is not None:
            code = posting.account.currency_id
            sums[code] = sums.get(code, Decimal(0)) + posting.amount
    moved = (Money(amount, code) for code, amount in sums.items() if amount)
    return tuple(sorted(moved, key=lambda money: money.amount > 0))
