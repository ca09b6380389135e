"""What is an account worth?"""

from datetime import timedelta
from decimal import Decimal

import pytest

from core import clock, push
from core.errors import Code, Refused
from core.money import Money
from market.quotes import LATEST
from portfolio import answers, ledger, valuation
from portfolio.models import TradingAccount
from tests import cast
from tests.portfolio import prices

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("market")]


@pytest.fixture
def account() -> TradingAccount:
    """10,000 USD of which 500 are held, 1,000 EUR and 5,000 JPY."""
    account = cast.account_of(cast.charlie())
    cast.give(account, "1000", "EUR")
    cast.give(account, "5000", "JPY")
    ledger.hold(account, Money(Decimal(500), "USD"), key="h")
    return account


def test_every_balance_is_valued_at_mid(account: TradingAccount) -> None:
    whole = valuation.value(account, "USD")
    worth = {line.currency: line.value for line in whole.lines}
    assert worth == {
        "USD": Decimal("10000.00"),
        "EUR": Decimal("1117.20"),
        "JPY": Decimal("31.80"),
    }
    assert whole.total == Decimal("11149.00")
    assert whole.complete


def test_values_have_the_decimals_of_their_currency(account: TradingAccount) -> None:
    assert valuation.value(account, "jpy").total == sum(
        (Decimal(1572500), Decimal(175680), Decimal(5000)), Decimal(0)
    )


def test_held_money_counts(account: TradingAccount) -> None:
    [usd] = [one for one in valuation.value(account, "USD").lines if one.currency == "USD"]
    assert (usd.available, usd.held) == (Decimal(9500), Decimal(500))
    assert usd.total == Decimal(10_000)


def test_what_has_no_price_is_listed_and_the_total_says_so(account: TradingAccount) -> None:
    push.redis_client().hdel(LATEST, "USD-JPY")
    whole = valuation.value(account, "USD")
    [yen] = [line for line in whole.lines if line.currency == "JPY"]
    assert (yen.value, yen.rate, whole.complete) == (None, None, False)
    assert whole.total == Decimal("11117.20")


def test_a_currency_that_is_used_up_needs_no_price(account: TradingAccount) -> None:
    cast.give(account, "-5000", "JPY")
    push.redis_client().hdel(LATEST, "USD-JPY")
    assert valuation.value(account, "USD").complete


def test_an_old_price_counts_and_shows_its_age(account: TradingAccount) -> None:
    price = prices.publish("EUR-USD", "1.1172", age=timedelta(hours=2))
    whole = valuation.value(account, "USD")
    [euro] = [line for line in whole.lines if line.currency == "EUR"]
    assert euro.price
    assert (euro.value, euro.price.state) == (Decimal("1117.20"), "stale")
    assert whole.as_of == price.as_of


def test_it_refuses_an_unknown_currency(account: TradingAccount) -> None:
    with pytest.raises(Refused) as refusal:
        valuation.value(account, "XXX")
    assert refusal.value.code is Code.UNKNOWN_CURRENCY


def test_on_the_wire_everything_is_text(account: TradingAccount) -> None:
    body = answers.valuation(valuation.value(account, "USD"))
    euro = body["results"][2]
    assert (body["total"], body["complete"], body["value_currency"]) == ("11149.00", True, "USD")
    assert euro | {"as_of": ""} == {
        "currency": "EUR",
        "available": "1000.00",
        "held": "0.00",
        "total": "1000.00",
        "value": "1117.20",
        "value_currency": "USD",
        "rate": "1.1172",
        "as_of": "",
    }
    assert euro["as_of"] <= clock.iso(clock.now())
