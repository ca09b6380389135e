"""Do the books hold whatever people do? Random acts against a model that only adds up."""

from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal
from typing import Any, ClassVar

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from core.errors import Broken, Code, Refused
from core.money import EXACT, Money
from portfolio import books, conversion_quotes, ledger
from portfolio.ledger import Posted
from portfolio.models import TradingAccount
from tests import cast
from tests.portfolio import prices

CODES = ("USD", "EUR", "JPY", "BTC")
DECIMALS = {"USD": 2, "EUR": 2, "JPY": 0, "BTC": 8}
SAYING_NO = {
    *(Code.INSUFFICIENT_FUNDS, Code.AMOUNT_TOO_SMALL, Code.AMOUNT_TOO_LARGE),
    *(Code.SAME_CURRENCY, Code.TOO_MANY),
}
BOOKS = [query for name, _, query in books.questions() if name != "overdue"]
NOTHING = " UNION ALL ".join(f"SELECT * FROM ({query}) AS broken(id)" for query in BOOKS)
CREATED = (
    "SELECT currency FROM portfolio_posting p JOIN portfolio_ledgeraccount a"
    " ON a.id = p.account_id GROUP BY currency HAVING sum(p.amount) <> 0"
)

people = st.sampled_from(["alice", "bob"])
codes = st.sampled_from(CODES)
units = st.integers(1, 10**7)


def attempt(work: Callable[[], Any]) -> tuple[Any, Code | None]:
    """What `work` gives, or the code it is refused with."""
    try:
        return work(), None
    except Refused as refusal:
        return None, refusal.code


def rows(query: str) -> list[Any]:
    """What the query finds, after every deferred rule was asked."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        cursor.execute(query)
        return list(cursor.fetchall())


class Books(RuleBasedStateMachine):
    """Two people convert, hold, release, reverse and repeat themselves."""

    entries: Bundle[Any] = Bundle("entries")
    holds: Bundle[Any] = Bundle("holds")
    accounts: ClassVar[dict[str, TradingAccount]]

    def __init__(self) -> None:
        super().__init__()
        self.count = 0
        self.model: dict[tuple[str, str, str], Decimal] = defaultdict(Decimal)
        for name, account in self.accounts.items():
            for balance in ledger.balances(account):
                self.model[name, balance.currency, "available"] = balance.available
        self.example = transaction.atomic()
        self.example.__enter__()

    def teardown(self) -> None:
        try:
            assert rows(NOTHING) == []
        finally:
            transaction.set_rollback(True)
            self.example.__exit__(None, None, None)

    def key(self) -> str:
        self.count += 1
        return f"k{self.count}"

    def moved(self, name: str, posted: Posted) -> None:
        """Bring the model up to the entry's own lines."""
        entry = ledger.entries(self.accounts[name]).get(pk=posted.id)
        for line in entry.postings.all():
            if line.account.owner_id:
                code = line.account.currency.code
                self.model[name, code, line.account.kind] += line.amount

    @rule(target=entries, name=people, start=codes, end=codes, many=units, side=st.booleans())
    def convert(self, name: str, start: str, end: str, many: int, side: bool) -> Any:
        prices.publish_all()
        account, fixed = self.accounts[name], "from" if side else "to"
        amount = Decimal(many).scaleb(-DECIMALS[start if side else end])
        wanted: dict[str, Any] = {
            "from_code": start,
            "to_code": end,
            "amount": f"{amount:f}",
            "fixed_side": fixed,
        }
        user, made = account.user, {"account_id": account.public_id, **wanted}
        quote, code = attempt(lambda: conversion_quotes.make(user=user, **made))
        if code:
            assert code in SAYING_NO
            return multiple()
        done = conversion_quotes.accept(
            user=user, quote_id=quote.public_id, key=self.key(), request_hash="h"
        )
        assert quote.amount_to < quote.amount_from * quote.mid  # worth at mid only shrinks
        posted = Posted(done.entry.pk, done.entry.public_id, done.entry.created_at, replayed=False)
        self.moved(name, posted)
        return name, posted

    @rule(target=holds, name=people, code=codes, many=units)
    def hold(self, name: str, code: str, many: int) -> Any:
        amount = Decimal(many).scaleb(-DECIMALS[code])
        free = self.model[name, code, "available"]
        account, key = self.accounts[name], self.key()
        held, no = attempt(lambda: ledger.hold(account, Money(amount, code), key=key))
        assert no == (Code.INSUFFICIENT_FUNDS if amount > free else None)
        if no:
            return multiple()
        self.moved(name, held)
        return name, held, Money(amount, code)

    @rule(target=holds, one=consumes(holds), part=st.integers(1, 150))
    def release(self, one: Any, part: int) -> Any:
        name, held, left = one
        money = Money(EXACT.multiply(left.amount, Decimal(part) / 100), left.currency)
        money = Money(round(money.amount, DECIMALS[left.currency]), left.currency)
        if not money.amount:
            return multiple(one)
        try:
            self.moved(name, ledger.release(held, key=self.key(), money=money))
        except (Broken, Refused):
            assert money.amount > left.amount
            return multiple(one)
        assert money.amount <= left.amount
        rest = Money(left.amount - money.amount, left.currency)
        return multiple((name, held, rest)) if rest.amount else multiple()

    @rule(one=consumes(entries))
    def reverse(self, one: Any) -> None:
        name, posted = one
        key = self.key()
        undone, no = attempt(lambda: ledger.reverse(posted, key=key, reason="a mistake"))
        if no:
            assert no is Code.INSUFFICIENT_FUNDS
            return
        self.moved(name, undone)
        with pytest.raises(Broken):
            ledger.reverse(posted, key=self.key(), reason="again")

    @rule(name=people, code=codes)
    def repeat(self, name: str, code: str) -> None:
        """The same key again and again moves once."""
        if not self.model[name, code, "available"]:
            return
        money, key = Money(Decimal(1).scaleb(-DECIMALS[code]), code), self.key()
        first = ledger.hold(self.accounts[name], money, key=key)
        again = [ledger.hold(self.accounts[name], money, key=key) for _ in range(2)]
        assert {first.id} == {one.id for one in again}
        self.moved(name, first)

    @invariant()
    def balances_are_the_models(self) -> None:
        for name, account in self.accounts.items():
            for one in ledger.balances(account):
                assert one.available == self.model[name, one.currency, "available"] >= 0
                assert one.held == self.model[name, one.currency, "held"] >= 0

    @invariant()
    def nothing_is_created(self) -> None:
        assert rows(CREATED) == []


@pytest.mark.django_db
def test_the_books_hold_whatever_people_do(long: bool) -> None:
    people = {"alice": cast.alice(), "bob": cast.bob()}
    Books.accounts = {name: cast.account_of(user) for name, user in people.items()}
    run_state_machine_as_test(
        Books,
        settings=settings(
            max_examples=2_000 if long else 120,
            stateful_step_count=30 if long else 10,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
