"""Which accounts does a person have? Grants, more accounts, starting over."""

from decimal import Decimal

import pytest

from accounts.models import User
from core.errors import Code
from portfolio import defaults, ledger, trading_accounts
from portfolio.models import JournalEntry, Mode, TradingAccount
from portfolio.trading_accounts import Opening
from tests import cast
from tests.portfolio.stillness import nothing_moves, refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def charlie() -> User:
    return cast.charlie()


def open_one(user: User, key: str, name: str = "Second") -> Opening:
    return trading_accounts.open_virtual(user=user, name=name, key=key, request_hash=f"h {name}")


def reset(user: User, account: TradingAccount, key: str) -> Opening:
    return trading_accounts.reset(
        user=user, account_id=account.public_id, key=key, request_hash=f"reset {account.pk}"
    )


def test_a_new_person_gets_10000_usd_exactly_once() -> None:
    user = cast.person("new")
    first = trading_accounts.ensure_virtual(user=user)
    with nothing_moves():
        assert trading_accounts.ensure_virtual(user=user) == first
    [balance] = ledger.balances(first)
    assert (balance.currency, balance.available) == ("USD", Decimal(10_000))
    entry = JournalEntry.objects.get(account=first)
    assert (entry.scope, entry.key) == ("system", f"grant:{user.pk}:1")


def test_the_grant_comes_out_of_the_houses_equity(charlie: User) -> None:
    [entry] = ledger.entries(cast.account_of(charlie))
    lines = [(line.account.kind, line.amount) for line in entry.postings.all()]
    assert lines == [("house:equity", Decimal(-10_000)), ("available", Decimal(10_000))]


def test_nobody_can_take_the_key_of_a_grant_away(charlie: User) -> None:
    """A person's keys live in a scope of their own."""
    other = cast.person("new")
    open_one(charlie, f"grant:{other.pk}:1")
    assert ledger.available(trading_accounts.ensure_virtual(user=other), "USD") == 10_000


def test_another_account_has_its_own_grant(charlie: User) -> None:
    opened = open_one(charlie, "k")
    assert (opened.account.name, opened.account.mode) == ("Second", Mode.VIRTUAL)
    assert ledger.available(opened.account, "USD") == 10_000
    assert trading_accounts.of(charlie).count() == 2


def test_a_repeated_key_opens_no_second_account(charlie: User) -> None:
    first = open_one(charlie, "k")
    with nothing_moves():
        again = open_one(charlie, "k")
    assert (again.account, again.entry, again.replayed) == (first.account, first.entry, True)


def test_it_refuses_a_known_key_with_another_name(charlie: User) -> None:
    open_one(charlie, "k")
    with refused(Code.IDEMPOTENCY_MISMATCH):
        open_one(charlie, "k", name="Third")


def test_it_refuses_a_sixth_open_account(charlie: User) -> None:
    for number in range(2, 6):
        open_one(charlie, f"k{number}")
    with refused(Code.TOO_MANY):
        open_one(charlie, "k6")


@pytest.mark.parametrize("name", ["", "   ", "x" * 61, "line\nbreak", "\u202eevil"])
def test_it_refuses_a_name_nobody_can_read(charlie: User, name: str) -> None:
    with refused(Code.MALFORMED):
        open_one(charlie, "k", name=name)


def test_starting_over_closes_the_account_and_opens_one_of_the_same_name(charlie: User) -> None:
    old = cast.account_of(charlie)
    opened = reset(charlie, old, "r")
    old.refresh_from_db()
    assert old.closed_at is not None
    assert (opened.account.name, opened.account.replaces) == (old.name, old)
    assert list(trading_accounts.of(charlie)) == [opened.account]
    assert ledger.available(opened.account, "USD") == 10_000
    assert ledger.available(old, "USD") == 10_000  # its history stays as it was


def test_a_repeated_reset_answers_with_the_first(charlie: User) -> None:
    old = cast.account_of(charlie)
    first = reset(charlie, old, "r")
    with nothing_moves():
        again = reset(charlie, old, "r")
    assert (again.account, again.replayed) == (first.account, True)


def test_it_refuses_to_start_over_in_a_closed_account(charlie: User) -> None:
    old = cast.account_of(charlie)
    reset(charlie, old, "r")
    with refused(Code.ACCOUNT_CLOSED):
        reset(charlie, old, "r2")


def test_it_refuses_a_fourth_reset_within_a_day(charlie: User) -> None:
    account = cast.account_of(charlie)
    for number in range(defaults.RESETS_PER_DAY_MAX):
        account = reset(charlie, account, f"r{number}").account
    with refused(Code.TOO_MANY) as details:
        reset(charlie, account, "r4")
    assert 86_000 < details["wait_s"] <= 86_400


def test_it_refuses_to_reset_a_frozen_account(charlie: User) -> None:
    account = cast.account_of(charlie)
    trading_accounts.freeze(account, reason="a question")
    with refused(Code.ACCOUNT_FROZEN):
        reset(charlie, account, "r")


def test_it_refuses_to_reset_real_money(charlie: User) -> None:
    real = TradingAccount.objects.create(user=charlie, mode=Mode.REAL, name="Real")
    with refused(Code.FORBIDDEN):
        reset(charlie, real, "r")


def test_it_refuses_a_foreign_account(charlie: User) -> None:
    alice = cast.alice()
    with refused(Code.NOT_FOUND):
        reset(alice, cast.account_of(charlie), "r")
