"""How does money move? Entries, keys, holds and reversals."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from accounts.models import User
from core.errors import Broken, Code, Refused
from core.money import Money
from portfolio import ledger, trading_accounts
from portfolio.ledger import Draft, Kind, Leg
from portfolio.models import JournalEntry, TradingAccount
from tests import cast
from tests.portfolio.stillness import nothing_moves, refused

pytestmark = pytest.mark.django_db


def usd(amount: str) -> Money:
    return Money(Decimal(amount), "USD")


@pytest.fixture
def bob() -> TradingAccount:
    return cast.account_of(cast.bob())


def spend(account: TradingAccount, amount: str, key: str, *, request_hash: str = "") -> Draft:
    legs = (Leg(Kind.AVAILABLE, usd(f"-{amount}")), Leg(Kind.LIQUIDITY, usd(amount)))
    return Draft(account.pk, "grant", legs, key, request_hash=request_hash)


def has(account: TradingAccount) -> tuple[Decimal, Decimal]:
    [balance] = ledger.balances(account)
    return balance.available, balance.held


def test_an_entry_moves_balances_and_writes_its_postings(bob: TradingAccount) -> None:
    posted = ledger.post(spend(bob, "4.00", "k"), mode="virtual")
    assert has(bob) == (Decimal(6), Decimal(0))
    lines = JournalEntry.objects.get(pk=posted.id).postings.order_by("pk")
    assert [(line.account.kind, line.amount) for line in lines] == [
        ("available", Decimal(-4)),
        ("house:liquidity", Decimal(4)),
    ]


def test_a_history_holds_its_first_moment_and_not_its_last(bob: TradingAccount) -> None:
    at = ledger.post(spend(bob, "4.00", "k"), mode="virtual").time
    moment = timedelta(microseconds=1)
    assert ledger.entries(bob, since=at, until=at + moment).count() == 1
    assert not ledger.entries(bob, since=at - moment, until=at).exists()


def test_a_known_key_answers_with_the_earlier_entry(bob: TradingAccount) -> None:
    first = ledger.post(spend(bob, "4.00", "k"), mode="virtual")
    with nothing_moves():
        again = ledger.post(spend(bob, "4.00", "k"), mode="virtual")
    assert (again.public_id, again.time, again.replayed) == (first.public_id, first.time, True)


def test_it_refuses_a_known_key_with_another_draft(bob: TradingAccount) -> None:
    ledger.post(spend(bob, "4.00", "k"), mode="virtual")
    with refused(Code.IDEMPOTENCY_MISMATCH):
        ledger.post(spend(bob, "4.01", "k"), mode="virtual")


def test_the_same_key_in_another_scope_is_another_key(bob: TradingAccount) -> None:
    draft = spend(bob, "4.00", "k")
    ledger.post(draft, mode="virtual")
    other = Draft(draft.account, draft.kind, draft.legs, draft.key, scope="user:0")
    assert not ledger.post(other, mode="virtual").replayed


def test_it_refuses_to_go_below_zero(bob: TradingAccount) -> None:
    with refused(Code.INSUFFICIENT_FUNDS):
        ledger.post(spend(bob, "10.01", "k"), mode="virtual")
    assert not ledger.post(spend(bob, "10.00", "k"), mode="virtual").replayed


@pytest.mark.parametrize(
    "legs",
    [
        (Leg(Kind.AVAILABLE, usd("1")),),
        (Leg(Kind.AVAILABLE, usd("1")), Leg(Kind.EQUITY, usd("-1.000000000000000001"))),
        (Leg(Kind.AVAILABLE, usd("1")), Leg(Kind.EQUITY, Money(Decimal(-1), "EUR"))),
        (Leg(Kind.AVAILABLE, usd("0")), Leg(Kind.EQUITY, usd("0"))),
        (),
    ],
)
def test_it_stops_at_legs_that_do_not_balance(bob: TradingAccount, legs: tuple[Leg, ...]) -> None:
    with nothing_moves(), pytest.raises(Broken):
        ledger.post(Draft(bob.pk, "grant", legs, "k"), mode="virtual")


def test_it_stops_at_an_account_of_another_mode(bob: TradingAccount) -> None:
    with nothing_moves(), pytest.raises(Broken):
        ledger.post(spend(bob, "1", "k"), mode="real")


def test_it_stops_at_an_account_that_does_not_exist(bob: TradingAccount) -> None:
    draft = Draft(bob.pk + 1000, "grant", spend(bob, "1", "k").legs, "k")
    with nothing_moves(), pytest.raises(Broken):
        ledger.post(draft, mode="virtual")


def test_many_entries_go_in_one_call_in_their_order(bob: TradingAccount) -> None:
    known = ledger.post(spend(bob, "1.00", "b"), mode="virtual")
    posted = ledger.post_many([spend(bob, "1.00", key) for key in "cba"], mode="virtual")
    assert [one.replayed for one in posted] == [False, True, False]
    assert posted[1].id == known.id
    keys = JournalEntry.objects.filter(pk__in=[one.id for one in posted])
    assert {entry.key for entry in keys} == set("abc")
    assert has(bob) == (Decimal(7), Decimal(0))


def test_many_entries_are_all_or_none(bob: TradingAccount) -> None:
    with refused(Code.INSUFFICIENT_FUNDS):
        ledger.post_many([spend(bob, "6.00", key) for key in "ab"], mode="virtual")


def test_it_stops_at_one_key_twice_in_one_call(bob: TradingAccount) -> None:
    with nothing_moves(), pytest.raises(Broken):
        ledger.post_many([spend(bob, "1.00", "a"), spend(bob, "1.00", "a")], mode="virtual")


@pytest.mark.parametrize("text", ['"', "\\\\", "a,b", "{}", "NULL", "", " x ", "💰", "%s", "'; --"])
def test_every_text_arrives_as_it_was_written(bob: TradingAccount, text: str) -> None:
    draft = spend(bob, "1.00", f"k{text}", request_hash="h")
    posted = ledger.post(replace(draft, reason=text), mode="virtual")
    entry = JournalEntry.objects.get(pk=posted.id)
    assert (entry.key, entry.reason) == (f"k{text}", text)


def test_no_entries_are_no_work(bob: TradingAccount) -> None:
    with nothing_moves():
        assert ledger.post_many([], mode="virtual") == []


def test_held_money_cannot_be_spent(bob: TradingAccount) -> None:
    ledger.hold(bob, usd("7.00"), key="h")
    assert has(bob) == (Decimal(3), Decimal(7))
    with refused(Code.INSUFFICIENT_FUNDS):
        ledger.post(spend(bob, "3.01", "k"), mode="virtual")


def test_a_hold_is_released_in_parts(bob: TradingAccount) -> None:
    held = ledger.hold(bob, usd("7.00"), key="h")
    ledger.release(held, key="r1", money=usd("2.00"))
    assert has(bob) == (Decimal(5), Decimal(5))
    ledger.release(held, key="r2", money=usd("5.00"))
    assert has(bob) == (Decimal(10), Decimal(0))


def test_it_stops_at_more_released_than_was_held(bob: TradingAccount) -> None:
    held = ledger.hold(bob, usd("3.00"), key="h1")
    ledger.hold(bob, usd("3.00"), key="h2")
    ledger.release(held, key="r1", money=usd("2.00"))
    with nothing_moves(), pytest.raises(Broken):
        ledger.release(held, key="r2", money=usd("1.01"))


def test_a_reversal_undoes_an_entry_exactly(bob: TradingAccount) -> None:
    posted = ledger.post(spend(bob, "4.00", "k"), mode="virtual")
    ledger.reverse(posted, key="r", reason="a mistake")
    assert has(bob) == (Decimal(10), Decimal(0))


def test_an_entry_is_reversed_once(bob: TradingAccount) -> None:
    posted = ledger.post(spend(bob, "4.00", "k"), mode="virtual")
    ledger.reverse(posted, key="r", reason="a mistake")
    with nothing_moves(), pytest.raises(Broken):
        ledger.reverse(posted, key="r2", reason="again")


def test_it_refuses_a_reversal_of_what_is_spent(bob: TradingAccount) -> None:
    gift = cast.give(bob, "5", "USD")
    ledger.post(spend(bob, "12.00", "k"), mode="virtual")
    with refused(Code.INSUFFICIENT_FUNDS):
        ledger.reverse(gift, key="r", reason="a mistake")


def test_a_frozen_account_does_not_move_until_it_thaws(bob: TradingAccount) -> None:
    trading_accounts.freeze(bob, reason="a question")
    with refused(Code.ACCOUNT_FROZEN):
        ledger.post(spend(bob, "1.00", "k"), mode="virtual")
    with refused(Code.ACCOUNT_FROZEN):
        ledger.hold(bob, usd("1.00"), key="h")
    trading_accounts.unfreeze(bob)
    assert not ledger.post(spend(bob, "1.00", "k"), mode="virtual").replayed


def test_a_person_sees_only_the_own_history(bob: TradingAccount) -> None:
    charlie: User = cast.charlie()
    ledger.post(spend(bob, "1.00", "k"), mode="virtual")
    assert [entry.kind for entry in ledger.entries(cast.account_of(charlie))] == ["grant"]
    with pytest.raises(Refused) as refusal:
        trading_accounts.get(charlie, bob.public_id)
    assert refusal.value.code is Code.NOT_FOUND
