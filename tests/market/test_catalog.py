"""Is everything listed that the board and the converter need?"""

from decimal import Decimal

import pytest

from core.errors import Code, Refused
from market import catalog
from market.models import Currency, Instrument

pytestmark = pytest.mark.django_db

NINE = ("USD", "JPY", "EUR", "CHF", "CAD", "AUD", "HKD", "CNY", "GBP")
OTHERS = (
    *("SGD", "NZD", "SEK", "NOK", "DKK", "INR", "KRW", "MXN"),
    *("BRL", "ZAR", "TRY", "PLN", "THB"),
)
COINS = ("BTC", "ETH", "SOL", "XRP", "LTC", "ADA", "DOGE", "DOT", "USDT", "USDC")


@pytest.fixture(autouse=True)
def anew() -> None:
    catalog.forget()


def test_the_nine_of_the_board_come_first_then_fiat_then_crypto() -> None:
    assert tuple(info.code for info in catalog.currencies()) == (*NINE, *OTHERS, *COINS)
    assert tuple(info.code for info in catalog.currencies() if info.on_board) == NINE
    assert catalog.bases() == (*NINE, *OTHERS)


@pytest.mark.parametrize(("code", "decimals"), [("JPY", 0), ("KRW", 0), ("USD", 2), ("BTC", 8)])
def test_a_currency_knows_its_decimals(code: str, decimals: int) -> None:
    assert catalog.currency(code.lower()).decimals == decimals


def test_every_currency_is_priced_against_the_dollar_in_market_convention() -> None:
    symbols = {catalog.leg(code).symbol for code in (*NINE[1:], *OTHERS, *COINS)}
    assert {"EUR-USD", "GBP-USD", "AUD-USD", "NZD-USD", "USD-JPY", "USD-THB"} <= symbols
    assert {f"{coin}-USD" for coin in COINS} <= symbols
    crosses = {pair.symbol for pair in catalog.instruments() if pair.is_cross}
    assert crosses == {"EUR-GBP", "EUR-JPY", "EUR-CHF", "GBP-JPY"}


@pytest.mark.parametrize("symbol", ["EUR-USD", "eur/usd", "EUR/USD"])
def test_an_instrument_is_found_however_it_is_written(symbol: str) -> None:
    assert catalog.instrument(symbol).symbol == "EUR-USD"
    assert catalog.instrument(symbol).price_increment == Decimal("0.00001")


@pytest.mark.parametrize("symbol", ["USD-EUR", "SEK-NOK", "", "\0", "EURUSD"])
def test_an_unlisted_pair_is_not_found(symbol: str) -> None:
    with pytest.raises(Refused) as refusal:
        catalog.instrument(symbol)
    assert refusal.value.code == Code.NOT_FOUND


def test_an_unknown_currency_is_refused() -> None:
    with pytest.raises(Refused) as refusal:
        catalog.currency("DOLLAR")
    assert refusal.value.code == Code.UNKNOWN_CURRENCY


def test_loading_again_changes_nothing_but_what_the_files_say() -> None:
    before = list(Instrument.objects.values_list())
    Currency.objects.filter(code="EUR").update(name="Ecu", is_active=False)
    catalog.load()
    assert list(Instrument.objects.values_list()) == before
    euro = Currency.objects.get(code="EUR")
    assert (euro.name, euro.is_active) == ("Euro", False)


def test_a_currency_switched_off_takes_its_instruments_along() -> None:
    Currency.objects.filter(code="EUR").update(is_active=False)
    catalog.forget()
    assert "EUR" not in catalog.bases()
    assert not any("EUR" in pair.symbol for pair in catalog.instruments())


def test_flags_and_symbols_are_there_for_every_fiat_currency() -> None:
    fiat = [info for info in catalog.currencies() if info.is_fiat]
    assert all(len(info.flag) == 2 and info.symbol for info in fiat)
