"""Do the books still prove to hold when there are very many entries?"""

from collections.abc import Callable

import pytest

from bench import filling
from portfolio import books


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_the_books_hold_with_very_many_entries(long: bool, say: Callable[[str], None]) -> None:
    entries = 1_000_000 if long else 100_000
    filling.open_accounts()
    filling.fill(entries)
    proof = books.check()
    assert [finding.name for finding in proof.findings if finding.count] == []
    assert proof.entries == entries
    assert proof.postings > 5 * entries
    say(f"books of {proof.entries:,} entries and {proof.postings:,} postings hold")
