"""The calculator of the board: the house's formula, spaces allowed, refusals in words."""

from datetime import timedelta

import pytest
from django.test import Client

from core import clock
from market.quotes import State
from tests.market.said import NOON
from tests.portfolio import prices
from tests.tradingsite.prices import put_price
from tradingsite import contributors, estimate
from tradingsite.templatetags import figures

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def franc_price():
    with clock.frozen(NOON):  # spreads are wider at night and at weekends
        put_price("USD-CHF", "0.822950", sources=("kraken", "coinbase"))
        put_price("EUR-USD", "1.25", sources=("kraken",))
        yield
    put_price("USD-CHF", None)
    put_price("EUR-USD", None)


def test_it_gives_what_a_conversion_would_give():
    told = estimate.of(from_code="USD", to_code="CHF", side="from", amount="2 423.00")
    assert told.have == "2 423.00"
    assert told.get.startswith("1\u00a0991.")
    assert told.estimate
    assert str(told.estimate.terms.fee) == "2.43"


def test_the_other_side_can_be_the_exact_one():
    told = estimate.of(from_code="USD", to_code="CHF", side="to", amount="100")
    assert told.get == "100"
    assert told.estimate
    assert told.estimate.terms.amount_to == 100
    assert told.have.startswith("121.")


@pytest.mark.parametrize(
    ("from_code", "to_code", "amount", "words"),
    [
        ("USD", "USD", "1", "two different currencies"),
        ("USD", "XXX", "1", "not a currency"),
        ("USD", "CHF", "abc", "digits"),
        ("USD", "CHF", "0", "more than zero"),
        ("USD", "CHF", "0.01", "After the fee"),
        ("USD", "GBP", "1", "no price"),
    ],
)
def test_what_cannot_be_computed_is_said_in_words(from_code, to_code, amount, words):
    told = estimate.of(from_code=from_code, to_code=to_code, side="from", amount=amount)
    assert told.estimate is None
    assert words in told.refusal


def test_sources_speak_in_the_boards_direction():
    voices = contributors.of("USD", "EUR")
    assert voices
    assert voices.title == "One price, one source"
    assert str(voices.voices[0].price) == "0.8"


def test_a_cross_names_each_step():
    voices = contributors.of("EUR", "CHF")
    assert voices
    assert voices.via == "EUR → USD → CHF"
    assert {voice.name for voice in voices.voices} == {
        "Kraken EUR/USD",
        "Kraken USD/CHF",
        "Coinbase USD/CHF",
    }


def test_without_a_price_there_are_no_sources():
    assert contributors.of("USD", "GBP") is None


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("closed", "The market of USD/JPY is closed now."),
        ("stale", "The price of USD/JPY is stale."),
    ],
)
def test_a_price_that_is_not_traded_on_is_no_promise(client: Client, state: State, words: str):
    prices.publish("USD-JPY", "157.25", state=state, age=timedelta(hours=14), reason="no new price")
    asked = {"side": "from", "from": "USD", "to": "JPY", "have": "100"}
    page = client.get("/rates/calculator/", asked, headers={"HX-Request": "true"}).content.decode()
    assert words in " ".join(page.split())
    assert "the last price, of" in page
    assert figures.weekday_moment(clock.now() - timedelta(hours=14)) in page
    assert "You would get" not in page
    put_price("USD-JPY", None)


def test_a_price_that_is_traded_on_has_no_warning():
    told = estimate.of(from_code="USD", to_code="CHF", side="from", amount="100")
    assert told.estimate
    assert told.estimate.why_not == ""
