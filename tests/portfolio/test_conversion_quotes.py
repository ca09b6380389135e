"""At which rate may this person convert? Making quotes, and every reason not to."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from accounts import preferences
from accounts.models import User
from core import clock, push
from core.errors import Code, Refused
from core.money import Money
from market.quotes import LATEST
from portfolio import conversion_quotes, defaults, ledger, offer, trading_accounts
from portfolio.models import ConversionQuote, Mode, TradingAccount
from tests import cast
from tests.portfolio import prices
from tests.portfolio.stillness import nothing_moves, refused

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("market")]


@pytest.fixture
def alice() -> User:
    return cast.alice()


def make(user: User, **wanted: Any) -> ConversionQuote:
    given: dict[str, Any] = {"from_code": "USD", "to_code": "CHF", "amount": "2423.00"}
    given["account_id"] = cast.account_of(user).public_id
    return conversion_quotes.make(user=user, **given | wanted)


def test_a_quote_keeps_every_term(alice: User) -> None:
    with nothing_moves():
        quote = make(alice)
    assert quote.mid == Decimal("0.82295")
    assert quote.rate == Decimal("0.822950") * (1 - quote.spread_bps / 10_000)
    assert (quote.amount_from, quote.fee) == (Decimal(2423), Decimal("2.43"))
    assert quote.fee_rate == Decimal("0.001")
    assert quote.path == ["USD", "CHF"]
    assert [one["source"] for one in quote.sources] == ["kraken"]
    assert (quote.price_state, quote.simulated) == ("live", False)
    assert quote.table_version
    assert (quote.expires_at - quote.created_at).total_seconds() == 15


def test_the_other_side_can_be_fixed(alice: User) -> None:
    quote = make(alice, to_code="EUR", amount="100.00", fixed_side="to")
    assert quote.amount_to == Decimal(100)
    assert quote.amount_from > Decimal("89.50")
    assert 0 <= quote.residue < Decimal("0.01")


def test_a_cross_goes_through_usd_and_says_so(alice: User) -> None:
    quote = make(alice, from_code="EUR", to_code="JPY", amount="2500.00")
    assert quote.path == ["EUR", "USD", "JPY"]
    assert {one["instrument"] for one in quote.sources} == {"EUR-USD", "USD-JPY"}


def test_it_holds_as_long_as_the_person_prefers(alice: User) -> None:
    preferences.change(alice, quote_seconds=60)
    assert make(alice).lifetime_s == 60


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ({"amount": 2423}, Code.AMOUNT_NOT_TEXT),
        ({"amount": 2423.0}, Code.AMOUNT_NOT_TEXT),
        ({"amount": None}, Code.AMOUNT_NOT_TEXT),
        ({"amount": "0"}, Code.AMOUNT_INVALID),
        ({"amount": "0.00"}, Code.AMOUNT_INVALID),
        ({"amount": "-5"}, Code.AMOUNT_INVALID),
        ({"amount": "1e-30"}, Code.AMOUNT_INVALID),
        ({"amount": "1e30"}, Code.AMOUNT_INVALID),
        ({"amount": "1" * 31}, Code.AMOUNT_INVALID),
        ({"amount": "NaN"}, Code.AMOUNT_INVALID),
        ({"amount": "١٢"}, Code.AMOUNT_INVALID),
        ({"amount": "1,000.00"}, Code.AMOUNT_INVALID),
        ({"amount": "1.00\n"}, Code.AMOUNT_INVALID),
        ({"amount": "1.001"}, Code.TOO_MANY_DECIMALS),
        ({"amount": "10.5", "from_code": "JPY", "to_code": "USD"}, Code.TOO_MANY_DECIMALS),
        ({"amount": "10.5", "to_code": "JPY", "fixed_side": "to"}, Code.TOO_MANY_DECIMALS),
        ({"amount": "0.99"}, Code.AMOUNT_TOO_SMALL),
        ({"amount": "1", "from_code": "JPY", "to_code": "USD"}, Code.AMOUNT_TOO_SMALL),
        ({"amount": "1000000.01"}, Code.AMOUNT_TOO_LARGE),
        ({"amount": "99999999999999999999"}, Code.AMOUNT_TOO_LARGE),
        ({"amount": "99999999999999999999", "fixed_side": "to"}, Code.AMOUNT_TOO_LARGE),
        ({"to_code": "USD"}, Code.SAME_CURRENCY),
        ({"to_code": "usd"}, Code.SAME_CURRENCY),
        ({"to_code": "XXX"}, Code.UNKNOWN_CURRENCY),
        ({"from_code": "💰" * 99}, Code.UNKNOWN_CURRENCY),
        ({"fixed_side": "both"}, Code.MALFORMED),
        ({"account_id": uuid4()}, Code.NOT_FOUND),
        ({"to_code": "PLN"}, Code.NOT_READY),
        ({"from_code": "CHF", "to_code": "USD", "amount": "60000.01"}, Code.INSUFFICIENT_FUNDS),
        ({"from_code": "ETH", "to_code": "USD", "amount": "1"}, Code.INSUFFICIENT_FUNDS),
    ],
)
def test_it_refuses_with_a_code_and_makes_no_quote(
    alice: User, wanted: dict[str, Any], code: Code
) -> None:
    with refused(code):
        make(alice, **wanted)
    assert not ConversionQuote.objects.exists()


def test_trailing_zeros_are_no_decimals(alice: User) -> None:
    assert make(alice, amount="5.50000").amount_from == Decimal("5.5")


def test_the_limits_themselves_are_allowed(alice: User) -> None:
    cast.give(cast.account_of(alice), "1000000", "USD")
    assert make(alice, amount="1.00").amount_from == 1
    assert make(alice, amount="1000000.00").amount_from == 1_000_000


def test_it_says_how_much_is_missing(alice: User) -> None:
    with refused(Code.INSUFFICIENT_FUNDS) as details:
        make(alice, from_code="CHF", to_code="USD", amount="60000.01")
    assert details == {"currency": "CHF", "needed": "60000.01", "available": "50000.00"}


def test_held_money_is_not_quoted_for() -> None:
    bob = cast.bob()
    ledger.hold(cast.account_of(bob), Money(Decimal("9.50"), "USD"), key="h")
    with refused(Code.INSUFFICIENT_FUNDS):
        make(bob, amount="1.00")


@pytest.mark.parametrize(
    ("terms", "code"),
    [
        ({"state": "stale"}, Code.PRICE_STALE),
        ({"state": "delayed"}, Code.PRICE_STALE),
        ({"state": "stale", "reason": "price_disputed"}, Code.PRICE_DISPUTED),
        ({"state": "closed"}, Code.MARKET_CLOSED),
        ({"age": timedelta(seconds=11)}, Code.PRICE_STALE),
        ({"age": timedelta(seconds=-3)}, Code.PRICE_STALE),
        ({"state": "reference", "age": timedelta(days=5, hours=1)}, Code.PRICE_STALE),
    ],
)
def test_it_refuses_a_price_that_may_not_be_traded_on(
    alice: User, terms: dict[str, Any], code: Code
) -> None:
    prices.publish("USD-CHF", "0.82295", **terms)
    with refused(code) as details:
        make(alice)
    assert set(details) == {"state", "reason", "as_of"}
    with refused(code):  # nor one leg of a cross
        make(alice, from_code="EUR", amount="10.00")


@pytest.mark.parametrize("age", [timedelta(days=5, minutes=1), timedelta(days=9)])
def test_it_says_that_an_old_fixing_is_stale(alice: User, age: timedelta) -> None:
    prices.publish("USD-SEK", "9.4410", state="reference", age=age)
    with pytest.raises(Refused, match="The price of USD/SEK is stale"):
        make(alice, to_code="SEK")


def test_it_says_that_one_leg_is_too_old(alice: User) -> None:
    prices.publish("EUR-USD", "1.1172", age=timedelta(seconds=-3))
    prices.publish("USD-SEK", "9.4410", state="reference")
    with pytest.raises(Refused, match="The price of EUR/SEK is too old"):
        make(alice, from_code="EUR", to_code="SEK", amount="10.00")


def test_a_fixing_of_the_last_days_is_convertible_virtually(alice: User) -> None:
    prices.publish("USD-SEK", "9.4410", state="reference", age=timedelta(days=3))
    quote = make(alice, to_code="SEK", amount="100.00")
    assert quote.price_state == "reference"
    assert quote.spread_bps >= 35


def test_without_redis_there_is_no_price(alice: User) -> None:
    push.redis_client().delete(LATEST)
    with refused(Code.NOT_READY):
        make(alice)


def test_a_simulated_price_is_marked(alice: User) -> None:
    prices.publish("USD-CHF", "0.82295", simulated=True)
    assert make(alice).simulated


@pytest.mark.parametrize(
    ("mode", "terms"),
    [
        (Mode.SANDBOX, {"simulated": True}),
        (Mode.REAL, {"simulated": True}),
        (Mode.REAL, {"state": "reference"}),
    ],
)
def test_only_play_money_moves_on_such_prices(
    alice: User, mode: Mode, terms: dict[str, Any]
) -> None:
    account = TradingAccount.objects.create(user=alice, mode=mode, name="other")
    cast.give(account, "100", "USD")
    prices.publish("USD-CHF", "0.82295", **terms)
    with refused(Code.PRICE_STALE):
        make(alice, account_id=account.public_id, amount="10.00")


def test_it_refuses_a_foreign_account_as_if_there_were_none(alice: User) -> None:
    charlie = cast.charlie()
    with refused(Code.NOT_FOUND):
        make(charlie, account_id=cast.account_of(alice).public_id)


def test_it_refuses_a_frozen_and_a_closed_account(alice: User) -> None:
    account = cast.account_of(alice)
    trading_accounts.freeze(account, reason="a question")
    with refused(Code.ACCOUNT_FROZEN):
        make(alice)
    trading_accounts.unfreeze(account)
    trading_accounts.reset(user=alice, account_id=account.public_id, key="r", request_hash="h")
    with refused(Code.ACCOUNT_CLOSED):
        make(alice, account_id=account.public_id)


def test_it_refuses_more_than_100_open_quotes(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(defaults, "OPEN_QUOTES_MAX", 3)
    for _ in range(3):
        make(alice)
    with refused(Code.TOO_MANY) as details:
        make(alice)
    assert details == {"wait_s": 15}
    assert make(cast.charlie())  # others are not in the way


def test_a_repeated_key_gives_the_first_quote_at_whatever_price_since(alice: User) -> None:
    account = cast.account_of(alice).public_id
    wanted = {"account_id": account, "from_code": "USD", "to_code": "CHF", "amount": "5.00"}
    wanted["fixed_side"] = "from"
    first = conversion_quotes.make_once(key="k", request_hash="h", user=alice, **wanted)
    prices.publish("USD-CHF", "0.9")
    again = conversion_quotes.make_once(key="k", request_hash="h", user=alice, **wanted)
    assert (again.quote, again.replayed) == (first.quote, True)
    with refused(Code.IDEMPOTENCY_MISMATCH):
        conversion_quotes.make_once(key="k", request_hash="other", user=alice, **wanted)


def test_whether_it_is_open_is_asked_of_the_databases_clock(alice: User) -> None:
    quote = make(alice)
    for wrong_by in (timedelta(hours=-1), timedelta(hours=1)):
        with clock.frozen(clock.now() + wrong_by):
            found = conversion_quotes.get(alice, quote.public_id)
            assert conversion_quotes.state(found) == "open"
            assert offer.of(found).seconds_left == found.lifetime_s
