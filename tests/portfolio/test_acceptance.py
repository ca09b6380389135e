"""Did they convert? A quote is accepted once, in time, by its owner, at exactly its terms."""

import time
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import connections

from accounts.actors import Actor
from accounts.models import User
from core import clock
from core.errors import Code
from portfolio import conversion_quotes, ledger, trading_accounts
from portfolio.conversion_quotes import Acceptance
from portfolio.models import ConversionQuote
from tests import cast
from tests.portfolio import prices
from tests.portfolio.stillness import nothing_moves, refused

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("market")]

ACTOR = Actor("user:x", "192.0.2.7")


@pytest.fixture
def charlie() -> User:
    return cast.charlie()


def make(user: User, **wanted: Any) -> ConversionQuote:
    given: dict[str, Any] = {"from_code": "USD", "to_code": "CHF", "amount": "2423.00"}
    given["account_id"] = cast.account_of(user).public_id
    return conversion_quotes.make(user=user, **given | wanted)


def accept(quote: ConversionQuote, user: User, key: str = "k", **wanted: Any) -> Acceptance:
    given: dict[str, Any] = {
        "quote_id": quote.public_id,
        "request_hash": f"accept {quote.pk}",
        "actor": ACTOR,
    }
    return conversion_quotes.accept(user=user, key=key, **given | wanted)


def expire(quote: ConversionQuote) -> None:
    """Let the quote's time run out by the database's clock."""
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT extract(epoch FROM %s - clock_timestamp())", [quote.expires_at])
        time.sleep(max(0.0, float(cursor.fetchone()[0])) + 0.01)


def has(user: User) -> dict[str, Decimal]:
    return {one.currency: one.total for one in ledger.balances(cast.account_of(user))}


def test_it_moves_exactly_the_quoted_amounts(charlie: User) -> None:
    quote = make(charlie)
    done = accept(quote, charlie)
    assert not done.replayed
    assert has(charlie) == {"USD": 10_000 - quote.amount_from, "CHF": quote.amount_to}
    lines = {
        (line.account.kind, line.account.currency.code): line.amount
        for line in done.entry.postings.all()
    }
    assert lines == {
        ("available", "USD"): Decimal(-2423),
        ("house:liquidity", "USD"): Decimal("2420.57"),
        ("house:fees", "USD"): Decimal("2.43"),
        ("house:liquidity", "CHF"): -(quote.amount_to + quote.residue),
        ("available", "CHF"): quote.amount_to,
        ("house:rounding", "CHF"): quote.residue,
    }


def test_the_entry_says_who_from_where_and_points_at_its_quote(charlie: User) -> None:
    done = accept(make(charlie), charlie)
    assert (done.entry.actor, done.entry.address) == ("user:x", "192.0.2.7")
    assert done.entry.conversion_quote == done.quote
    assert done.quote.accepted_entry == done.entry
    assert done.entry.kind == "conversion"


def test_it_honours_the_quote_whatever_the_price_does(charlie: User) -> None:
    quote = make(charlie)
    prices.publish("USD-CHF", "0.1", state="stale")
    accept(quote, charlie)
    assert has(charlie)["CHF"] == quote.amount_to


def test_without_residue_there_is_no_rounding_line(charlie: User) -> None:
    prices.publish("USD-JPY", "160")  # 125.00 x 160 less any spread of the table is whole
    quote = make(charlie, to_code="JPY", amount="125.13")
    assert (quote.fee, quote.residue) == (Decimal("0.13"), 0)
    assert "house:rounding" not in {
        line.account.kind for line in accept(quote, charlie).entry.postings.all()
    }


def test_a_simulated_quote_makes_a_simulated_entry(charlie: User) -> None:
    prices.publish("USD-CHF", "0.82295", simulated=True)
    assert accept(make(charlie), charlie).entry.simulated


def test_the_same_key_answers_with_the_same_entry(charlie: User) -> None:
    quote = make(charlie)
    first = accept(quote, charlie)
    with nothing_moves():
        again = accept(quote, charlie)
    assert (again.entry, again.quote, again.replayed) == (first.entry, first.quote, True)


def test_the_same_key_answers_after_the_quote_has_expired(charlie: User) -> None:
    quote = short(charlie)
    first = accept(quote, charlie)
    expire(quote)
    assert accept(quote, charlie).entry == first.entry


def short(user: User) -> ConversionQuote:
    """A quote that lasts one second."""
    quote = make(user, amount="10.00")
    quote.pk, quote.public_id, quote.lifetime_s = None, uuid4(), 1
    quote.save(force_insert=True)
    return conversion_quotes.get(user, quote.public_id)


def test_it_refuses_the_same_key_for_another_quote(charlie: User) -> None:
    first, other = make(charlie), make(charlie)
    accept(first, charlie)
    with refused(Code.IDEMPOTENCY_MISMATCH):
        accept(other, charlie)
    with refused(Code.IDEMPOTENCY_MISMATCH):  # whatever the hash says
        accept(other, charlie, request_hash=f"accept {first.pk}")


def test_it_refuses_a_used_quote_and_names_its_entry(charlie: User) -> None:
    quote = make(charlie)
    done = accept(quote, charlie)
    with refused(Code.QUOTE_USED) as details:
        accept(quote, charlie, key="another")
    assert details == {"entry": str(done.entry.public_id)}


def test_it_refuses_an_expired_quote_and_offers_a_fresh_one(charlie: User) -> None:
    quote = short(charlie)
    expire(quote)
    with clock.frozen(quote.created_at):
        gone = conversion_quotes.get(charlie, quote.public_id)
    assert conversion_quotes.state(gone) == "expired"
    with refused(Code.QUOTE_EXPIRED) as details:
        accept(quote, charlie)
    fresh = conversion_quotes.get(charlie, details["quote"]["id"])
    assert (fresh.amount_from, fresh.fixed_side) == (quote.amount_from, "from")
    assert conversion_quotes.state(fresh) == "open"


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_a_clock_that_is_set_back_makes_no_rate_last_longer(charlie: User) -> None:
    quote = make(charlie)
    with connections["owner"].cursor() as cursor:
        cursor.execute("ALTER TABLE portfolio_conversionquote DISABLE TRIGGER USER")
        cursor.execute(
            "UPDATE portfolio_conversionquote SET created_at = created_at + interval '2 hours',"
            " expires_at = expires_at + interval '2 hours'"
        )
        cursor.execute("ALTER TABLE portfolio_conversionquote ENABLE TRIGGER USER")
    gone = conversion_quotes.get(charlie, quote.public_id)
    assert conversion_quotes.state(gone) == "expired"
    with nothing_moves(), refused(Code.QUOTE_EXPIRED) as details:
        accept(gone, charlie)
    assert details["quote"]["id"] != str(quote.public_id)
    assert details["quote"]["state"] == "open"


def test_asking_again_for_an_expired_quote_opens_one_fresh_quote_at_a_time(charlie: User) -> None:
    quote = short(charlie)
    expire(quote)
    before, offered = ConversionQuote.objects.count(), set()
    for _ in range(3):
        with refused(Code.QUOTE_EXPIRED) as details:
            accept(quote, charlie)
        offered.add(details["quote"]["id"])
    assert ConversionQuote.objects.count() - before == len(offered) == 1
    accept(conversion_quotes.get(charlie, offered.pop()), charlie, key="fresh")
    with refused(Code.QUOTE_EXPIRED) as details:
        accept(quote, charlie)
    assert details["quote"]["state"] == "open"


def test_two_expired_quotes_of_one_wish_are_renewed_each(charlie: User) -> None:
    quotes = [short(charlie) for _ in range(2)]
    for quote in quotes:
        expire(quote)
    assert len({conversion_quotes.renew(quote).pk for quote in quotes}) == 2


def test_it_says_why_there_is_no_fresh_quote(charlie: User) -> None:
    quote = short(charlie)
    expire(quote)
    prices.publish("USD-CHF", "0.82295", state="closed")
    with refused(Code.QUOTE_EXPIRED) as details:
        accept(quote, charlie)
    assert (details["quote"], details["why"]) == (None, "market_closed")


def test_a_frozen_account_is_offered_no_quote_that_was_open_before(charlie: User) -> None:
    quote = short(charlie)
    expire(quote)
    conversion_quotes.renew(quote)
    trading_accounts.freeze(cast.account_of(charlie), reason="looked into")
    with refused(Code.QUOTE_EXPIRED) as details:
        accept(quote, charlie)
    assert (details["quote"], details["why"]) == (None, "account_frozen")


def test_it_refuses_a_foreign_and_an_unknown_quote(charlie: User) -> None:
    quote, bob = make(charlie), cast.bob()
    with refused(Code.NOT_FOUND):
        accept(quote, bob)
    with refused(Code.NOT_FOUND):
        accept(quote, charlie, quote_id=uuid4())


def test_it_refuses_when_the_money_has_gone_and_the_quote_stays_open(charlie: User) -> None:
    first, second = (make(charlie, amount="6000.00") for _ in range(2))
    accept(first, charlie)
    with refused(Code.INSUFFICIENT_FUNDS) as details:
        accept(second, charlie, key="another")
    assert details == {"currency": "USD", "needed": "6000.00", "available": "4000.00"}
    cast.give(cast.account_of(charlie), "2000", "USD")
    assert not accept(second, charlie, key="another").replayed


def test_it_refuses_in_a_frozen_and_in_a_closed_account(charlie: User) -> None:
    account, quote = cast.account_of(charlie), make(charlie)
    trading_accounts.freeze(account, reason="a question")
    with refused(Code.ACCOUNT_FROZEN):
        accept(quote, charlie)
    trading_accounts.unfreeze(account)
    trading_accounts.reset(user=charlie, account_id=account.public_id, key="r", request_hash="h")
    with refused(Code.ACCOUNT_CLOSED):
        accept(quote, charlie)


def test_two_people_may_use_the_same_key(charlie: User) -> None:
    alice = cast.alice()
    accept(make(charlie), charlie)
    assert not accept(make(alice), alice).replayed


def test_only_quotes_nobody_took_are_forgotten(charlie: User) -> None:
    accept(make(charlie), charlie)
    make(charlie)
    assert conversion_quotes.forget_old() == 0
    assert ConversionQuote.objects.count() == 2
