"""Did anything move? The books before and after, for tests of refusals."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from core.errors import Code, Refused
from portfolio.models import JournalEntry, LedgerAccount, Posting, TradingAccount


def books() -> tuple[Any, ...]:
    """Everything the books say, comparable."""
    balances = LedgerAccount.objects.exclude(balance=0).order_by("pk")
    accounts = TradingAccount.objects.order_by("pk")
    return (
        JournalEntry.objects.count(),
        Posting.objects.count(),
        list(balances.values_list("owner", "kind", "currency__code", "balance")),
        list(accounts.values_list("pk", "name", "closed_at", "frozen_at")),
    )


@contextmanager
def nothing_moves() -> Iterator[None]:
    """The books are the same before and after the block."""
    before = books()
    yield
    assert books() == before


@contextmanager
def refused(code: Code) -> Iterator[dict[str, Any]]:
    """The block is refused with that code, and nothing moves; yields the refusal's details."""
    details: dict[str, Any] = {}
    with nothing_moves(), pytest.raises(Refused) as caught:
        yield details
    assert caught.value.code is code
    assert caught.value.message
    details.update(caught.value.details)
