"""Do the books hold? Every kind of break is found; tampering is done as the tables' owner."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connections

from core.money import Money
from portfolio import books, conversion_quotes, ledger
from portfolio.models import JournalEntry, LedgerAccount, TradingAccount
from tests import cast
from tests.portfolio import prices

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


@pytest.fixture(autouse=True)
def history() -> TradingAccount:
    """A conversion, a hold given back in part, and a reversal."""
    prices.publish_all()
    user = cast.charlie()
    account = cast.account_of(user)
    quote = conversion_quotes.make(
        user=user, account_id=account.public_id, from_code="USD", to_code="CHF", amount="100.00"
    )
    conversion_quotes.accept(user=user, quote_id=quote.public_id, key="k", request_hash="h")
    held = ledger.hold(account, Money(Decimal(50), "USD"), key="h")
    ledger.release(held, key="r", money=Money(Decimal(20), "USD"))
    ledger.reverse(cast.give(account, "5", "USD"), key="v", reason="a mistake")
    return account


@contextmanager
def rules_off() -> Iterator[None]:
    """What a superuser or a broken disk could do: write with no rule looking."""
    with connections["owner"].cursor() as cursor:
        for table in ("journalentry", "posting", "ledgeraccount", "conversionquote"):
            cursor.execute(f"ALTER TABLE portfolio_{table} DISABLE TRIGGER USER")
        yield
        for table in ("journalentry", "posting", "ledgeraccount", "conversionquote"):
            cursor.execute(f"ALTER TABLE portfolio_{table} ENABLE TRIGGER USER")


def broken() -> set[str]:
    return {finding.name for finding in books.check().findings if finding.count}


def test_books_that_hold_are_proved(history: TradingAccount) -> None:
    proof = books.check()
    assert proof.holds
    assert (proof.entries, proof.postings) == (6, 16)
    equity = [one.amount for one in proof.positions if one.kind == "house:equity"]
    assert equity == [Decimal(-10_000)]


ONE_USD = "(SELECT id FROM portfolio_ledgeraccount WHERE kind = 'available' AND currency = 'USD')"
HELD = "(SELECT id FROM portfolio_ledgeraccount WHERE kind = 'held')"
TAMPERING = {
    "unbalanced": (
        f"UPDATE portfolio_posting SET amount = amount - 1 WHERE account_id = {ONE_USD}"
        " AND amount = 10000",
        {"unbalanced", "drifted"},
    ),
    "empty": (
        "INSERT INTO portfolio_journalentry (public_id, scope, key, request_hash, kind, actor,"
        " reason, simulated) VALUES (gen_random_uuid(), 's', 'e', '', 'grant', 'x', '', false)",
        {"empty"},
    ),
    "astray": (
        "UPDATE portfolio_journalentry SET account_id = NULL WHERE key LIKE 'gift:%'",
        {"astray"},
    ),
    "drifted": (
        f"UPDATE portfolio_ledgeraccount SET balance = balance + 1 WHERE id = {ONE_USD}",
        {"drifted"},
    ),
    "loose_holds": (
        "UPDATE portfolio_journalentry SET kind = 'grant' WHERE kind = 'hold'",
        {"loose_holds"},
    ),
    "over_released": (
        "UPDATE portfolio_posting SET amount = amount * 3 WHERE entry_id ="
        " (SELECT id FROM portfolio_journalentry WHERE kind = 'release')",
        {"over_released", "drifted", "loose_holds"},
    ),
    "false_reversals": (
        "UPDATE portfolio_posting SET amount = amount * 2 WHERE entry_id ="
        " (SELECT id FROM portfolio_journalentry WHERE kind = 'reversal')",
        {"false_reversals", "drifted"},
    ),
    "misquoted": (
        "UPDATE portfolio_conversionquote SET amount_to = amount_to + 0.01",
        {"misquoted"},
    ),
    "unquoted": (
        "UPDATE portfolio_conversionquote SET accepted_entry_id = NULL",
        {"unquoted"},
    ),
    "too_fine": (
        f"UPDATE portfolio_posting SET amount = amount + 0.001 WHERE account_id = {ONE_USD}"
        " AND amount = 10000",
        {"too_fine", "unbalanced", "drifted"},
    ),
    "overdue": (
        "UPDATE portfolio_journalentry SET kind = 'hold' WHERE kind = 'grant'",
        {"overdue"},
    ),
    "of another mode": ("UPDATE portfolio_ledgeraccount SET mode = 'real'", {"astray"}),
    "pointing nowhere": (
        "UPDATE portfolio_posting SET account_id = 0 WHERE entry_id ="
        " (SELECT id FROM portfolio_journalentry WHERE key LIKE 'gift:%') AND amount < 0",
        {"astray", "unbalanced", "false_reversals"},
    ),
    "thawed": ("UPDATE accounts_user SET frozen_at = now()", {"thawed"}),
}


@pytest.mark.parametrize("name", TAMPERING)
def test_every_break_is_found(name: str) -> None:
    statement, due = TAMPERING[name]
    with rules_off(), connections["owner"].cursor() as cursor:
        cursor.execute(statement)
    assert broken() == due


@pytest.mark.parametrize(
    "change",
    [
        "fee = fee + 0.01",
        "residue = residue + 0.01",
        "amount_from = amount_from + 0.01",
        "simulated = NOT simulated",
        "expires_at = expires_at - interval '1 hour'",
    ],
)
def test_every_term_of_a_quote_is_held_against_its_entry(change: str) -> None:
    with rules_off(), connections["owner"].cursor() as cursor:
        cursor.execute(f"UPDATE portfolio_conversionquote SET {change}")
    assert broken() == {"misquoted"}


@pytest.mark.parametrize("amount", ["-0.01", "'NaN'"])
def test_a_balance_below_zero_or_of_no_number_is_found(amount: str) -> None:
    rules = {
        "ledger_balance_never_negative": "CHECK (balance >= 0)",
        "ledgeraccount_balance_is_a_number": "CHECK (balance <> 'NaN')",
    }
    with connections["owner"].cursor() as cursor:
        for name in rules:
            cursor.execute(f"ALTER TABLE portfolio_ledgeraccount DROP CONSTRAINT {name}")
        cursor.execute(f"UPDATE portfolio_ledgeraccount SET balance = {amount} WHERE id = {HELD}")
        try:
            assert broken() == {"negative", "drifted", "loose_holds", "unguarded"}
        finally:
            cursor.execute(f"UPDATE portfolio_ledgeraccount SET balance = 30 WHERE id = {HELD}")
            for name, rule in rules.items():
                cursor.execute(f"ALTER TABLE portfolio_ledgeraccount ADD CONSTRAINT {name} {rule}")
    assert broken() == set()


def test_a_rule_that_is_switched_off_is_a_break() -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute("ALTER TABLE portfolio_posting DISABLE TRIGGER postings_balanced")
        try:
            assert broken() == {"unguarded"}
        finally:
            cursor.execute("ALTER TABLE portfolio_posting ENABLE TRIGGER postings_balanced")


def test_the_command_prints_figures_and_ends_well() -> None:
    said = StringIO()
    call_command("check_books", stdout=said)
    assert "6 entries, 16 postings" in said.getvalue()
    assert "The books hold." in said.getvalue()


def test_the_command_fails_on_any_break() -> None:
    with rules_off():
        row = LedgerAccount.objects.using("owner").filter(kind="held").get()
        row.balance += 1
        row.save(using="owner")
    said = StringIO()
    with pytest.raises(CommandError):
        call_command("check_books", stdout=said)
    assert re.search(rf"drifted +[\d.]+ s  BROKEN: 1 .*: {row.pk}\n", said.getvalue())


def test_checking_changes_nothing_and_needs_no_owner() -> None:
    before = JournalEntry.objects.count()
    assert books.check().holds
    assert JournalEntry.objects.count() == before
