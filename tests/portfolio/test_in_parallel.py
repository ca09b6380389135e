"""What if everything comes at once? Threads on real connections with real commits."""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any, TypeVar

import pytest
from django.db import connections, transaction

from accounts.models import User
from core.errors import Code, Refused
from core.money import Money
from portfolio import books, conversion_quotes, ledger, trading_accounts
from portfolio.ledger import Draft, Kind, Leg
from portfolio.models import ConversionQuote, JournalEntry, TradingAccount
from tests import cast
from tests.portfolio import prices
from tests.portfolio.caller import Caller

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])

THREADS = 8
Answer = TypeVar("Answer")


@pytest.fixture(autouse=True)
def proof() -> Iterator[None]:
    """Whatever happened, the books hold afterwards."""
    prices.publish_all()
    yield
    assert [one.name for one in books.check().findings if one.count] == []


def all_at_once(work: Callable[[int], Answer], times: int) -> list[Answer | Code]:
    """`work(0)`, `work(1)`, … from threads that start together; refusals by their code."""
    ready = threading.Barrier(min(THREADS, times))

    def one(number: int) -> Answer | Code:
        if number < ready.parties:
            ready.wait()
        try:
            return work(number)
        except Refused as refusal:
            return refusal.code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(min(THREADS, times)) as crew:
        return list(crew.map(one, range(times)))


def make(user: User, amount: str = "6000.00", **wanted: Any) -> ConversionQuote:
    given: dict[str, Any] = {"from_code": "USD", "to_code": "CHF", "amount": amount}
    given["account_id"] = cast.account_of(user).public_id
    return conversion_quotes.make(user=user, **given | wanted)


def test_one_key_100_times_makes_one_entry_and_100_equal_answers() -> None:
    charlie = cast.charlie()
    quote = make(charlie)

    def accept(_: int) -> tuple[int, str]:
        done = conversion_quotes.accept(
            user=charlie, quote_id=quote.public_id, key="k", request_hash="h"
        )
        return done.entry.pk, str(done.entry.created_at)

    assert len(set(all_at_once(accept, 100))) == 1
    assert JournalEntry.objects.filter(kind="conversion").count() == 1


def test_over_the_wire_100_equal_answers_and_one_entry() -> None:
    charlie = Caller(cast.charlie())
    quote = charlie.quote().json()["id"]

    def accept(_: int) -> tuple[int, bytes, bool]:
        caller = Caller(charlie.user)
        answer = caller.accept(quote)
        return answer.status_code, answer.content, "Idempotent-Replayed" in answer.headers

    answers = Counter(all_at_once(accept, 100))
    assert len({(status, body) for status, body, _ in answers}) == 1
    assert sorted(answers.values()) == [1, 99]  # all but the first are marked as repeated
    assert JournalEntry.objects.filter(kind="conversion").count() == 1


def test_of_100_conversions_of_60_percent_exactly_one_succeeds() -> None:
    charlie = cast.charlie()
    quotes = [make(charlie) for _ in range(100)]

    def accept(number: int) -> str:
        conversion_quotes.accept(
            user=charlie,
            quote_id=quotes[number].public_id,
            key=f"k{number}",
            request_hash=f"h{number}",
        )
        return "converted"

    answers = Counter(all_at_once(accept, 100))
    assert answers == {"converted": 1, Code.INSUFFICIENT_FUNDS: 99}
    assert ledger.available(cast.account_of(charlie), "USD") == 4000


def test_one_quote_under_many_keys_is_used_once() -> None:
    charlie = cast.charlie()
    quote = make(charlie, amount="10.00")

    def accept(number: int) -> str:
        conversion_quotes.accept(
            user=charlie, quote_id=quote.public_id, key=f"k{number}", request_hash="h"
        )
        return "converted"

    assert Counter(all_at_once(accept, 40)) == {"converted": 1, Code.QUOTE_USED: 39}


def test_there_against_back_never_shows_a_deadlock() -> None:
    """Half of the threads move A then B, half B then A, in one call each."""
    pair = [cast.account_of(cast.alice()), cast.account_of(cast.charlie())]
    give_and_take = ((Kind.AVAILABLE, "-1"), (Kind.LIQUIDITY, "1"))

    def draft(account: TradingAccount, key: str) -> Draft:
        legs = tuple(Leg(kind, Money(Decimal(amount), "USD")) for kind, amount in give_and_take)
        return Draft(account.pk, "grant", legs, key)

    def swing(number: int) -> int:
        order = pair if number % 2 else pair[::-1]
        drafts = [draft(account, f"{number}:{account.pk}") for account in order]
        return len(ledger.post_many(drafts, mode="virtual"))

    assert set(all_at_once(swing, 200)) == {2}


def test_keys_in_opposite_order_never_show_a_deadlock() -> None:
    account = cast.account_of(cast.alice())
    legs = (
        Leg(Kind.AVAILABLE, Money(Decimal(-1), "USD")),
        Leg(Kind.FEES, Money(Decimal(1), "USD")),
    )

    def post(number: int) -> int:
        keys = [f"{number // 2}:{letter}" for letter in ("ab" if number % 2 else "ba")]
        drafts = [Draft(account.pk, "grant", legs, key) for key in keys]
        return len(ledger.post_many(drafts, mode="virtual"))

    assert set(all_at_once(post, 100)) == {2}
    assert JournalEntry.objects.filter(key__regex=r"^\d+:[ab]$").count() == 100


def test_a_quote_that_meets_a_migration_is_made_all_the_same() -> None:
    """The migration holds the journal and waits for the quotes; a new quote wants both."""
    charlie = cast.charlie()

    def quote(_: int) -> ConversionQuote:
        return make(charlie, amount="5.00")

    waiting = "SELECT FROM pg_locks WHERE NOT granted AND database ="
    waiting += " (SELECT oid FROM pg_database WHERE datname = current_database())"
    with ThreadPoolExecutor(1) as crew, transaction.atomic("owner"):
        cursor = connections["owner"].cursor()
        cursor.execute("LOCK TABLE portfolio_journalentry")
        made = crew.submit(all_at_once, quote, 1)
        while not cursor.execute(waiting).fetchall():
            time.sleep(0.01)
        cursor.execute("LOCK TABLE portfolio_conversionquote")
    assert made.result() == [ConversionQuote.objects.get()]


def test_new_currencies_open_once() -> None:
    charlie = cast.charlie()
    quotes = [make(charlie, amount="5.00", to_code=code) for code in ("EUR", "JPY") * 10]
    random.Random(4).shuffle(quotes)

    def accept(number: int) -> str:
        conversion_quotes.accept(
            user=charlie,
            quote_id=quotes[number].public_id,
            key=f"k{number}",
            request_hash=f"h{number}",
        )
        return "converted"

    assert Counter(all_at_once(accept, 20)) == {"converted": 20}


def test_a_person_who_signs_in_twice_at_once_gets_one_grant() -> None:
    user = cast.person("new")
    accounts = all_at_once(lambda _: trading_accounts.ensure_virtual(user=user).pk, 16)
    assert len(set(accounts)) == 1
    assert JournalEntry.objects.filter(kind="grant").count() == 1


def test_limits_count_right_when_all_ask_at_once() -> None:
    user = cast.charlie()

    def open_one(number: int) -> str:
        trading_accounts.open_virtual(
            user=user, name=f"No {number}", key=f"k{number}", request_hash=f"h{number}"
        )
        return "opened"

    assert Counter(all_at_once(open_one, 16)) == {"opened": 4, Code.TOO_MANY: 12}


def test_nothing_moves_in_an_account_after_its_closing() -> None:
    """Spending goes on while the account is reset; the last entry is older than the closing."""
    user = cast.charlie()
    account = cast.account_of(user)
    legs = (
        Leg(Kind.AVAILABLE, Money(Decimal(-1), "USD")),
        Leg(Kind.FEES, Money(Decimal(1), "USD")),
    )

    def work(number: int) -> str:
        if number == 60:
            trading_accounts.reset(
                user=user, account_id=account.public_id, key="r", request_hash="h"
            )
            return "reset"
        ledger.post(Draft(account.pk, "grant", legs, f"k{number}"), mode="virtual")
        return "moved"

    answers = Counter(all_at_once(work, 200))
    assert answers["reset"] == 1
    account.refresh_from_db()
    assert account.closed_at is not None
    late = JournalEntry.objects.filter(account=account, created_at__gt=account.closed_at)
    assert not late.exists()
    moved = JournalEntry.objects.filter(account=account, key__startswith="k")
    assert answers["moved"] == moved.count()


def test_a_quote_key_100_times_makes_one_quote() -> None:
    charlie = cast.charlie()
    wanted = {"account_id": cast.account_of(charlie).public_id, "from_code": "USD"}
    wanted |= {"to_code": "CHF", "amount": "5.00", "fixed_side": "from"}

    def ask(_: int) -> int:
        made = conversion_quotes.make_once(key="k", request_hash="h", user=charlie, **wanted)
        return made.quote.pk

    assert len(set(all_at_once(ask, 40))) == 1
