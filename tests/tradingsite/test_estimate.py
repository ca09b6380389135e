"""The calculator of the board: the house's formula, spaces allowed, refusals in words."""

import pytest

from core import clock
from tests.market.said import NOON
from tests.tradingsite.prices import put_price
from tradingsite import contributors, estimate

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
