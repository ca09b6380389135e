"""What is one currency in another, by which path, in which state?"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from core import clock
from core.errors import Code, Refused
from core.push import redis_client
from market import quotes
from market.quotes import Contributor, ReferencePrice, State, aged, decode, encode, through_hub
from tests.market.said import NOON, after

PRICES = st.decimals("0.000001", "1000000", places=6)


def price(symbol: str, mid: str, *, state: State = "live", at: float = 0) -> ReferencePrice:
    half = Decimal(mid) / 1000
    middle = Decimal(mid)
    voice = Contributor("kraken", middle, middle - half, middle + half, after(at), used=True)
    return ReferencePrice(
        symbol, middle, middle - half, middle + half, after(at), state, contributors=(voice,)
    )


def fixed(symbol: str, mid: str, *, state: State = "reference") -> ReferencePrice:
    """A reference price of the day before."""
    voice = Contributor("ecb", Decimal(mid), None, None, after(-81900), True, "fixing")
    return ReferencePrice(
        symbol,
        *(Decimal(mid), None, None, after(-81900), state),
        contributors=(voice,),
        fixing_date=date(2026, 11, 17),
    )


EUR, JPY, SEK = price("EUR-USD", "1.25"), price("USD-JPY", "160"), fixed("USD-SEK", "10")


def test_a_direct_pair_is_its_instrument() -> None:
    pair = through_hub("EUR", "USD", [EUR])
    assert (pair.mid, pair.bid, pair.ask) == (EUR.mid, EUR.bid, EUR.ask)
    assert (pair.path, pair.state) == (("EUR", "USD"), "live")


def test_an_inverted_pair_swaps_its_sides() -> None:
    pair = through_hub("USD", "EUR", [EUR])
    assert pair.mid == Decimal("0.8")
    assert pair.bid is not None
    assert pair.ask is not None
    assert f"{pair.bid:.12f}" == "0.799200799201"  # 1 / 1.25125
    assert f"{pair.ask:.12f}" == "0.800800800801"  # 1 / 1.24875


def test_a_cross_is_the_product_of_its_legs() -> None:
    pair = through_hub("EUR", "JPY", [EUR, JPY])
    assert (pair.mid, pair.path) == (Decimal(200), ("EUR", "USD", "JPY"))
    assert pair.bid == Decimal("1.24875") * Decimal("159.84")
    assert pair.ask == Decimal("1.25125") * Decimal("160.16")
    assert [voice.source for voice in pair.sources] == ["kraken", "kraken"]


def test_a_cross_has_the_state_of_its_worst_leg_and_the_time_of_its_oldest() -> None:
    worse = replace(price("USD-JPY", "160", state="stale", at=-60), reason="no new price")
    pair = through_hub("JPY", "EUR", [worse, EUR])
    assert (pair.state, pair.reason, pair.as_of) == ("stale", "no new price", after(-60))


def test_a_cross_is_simulated_when_a_leg_is() -> None:
    assert through_hub("EUR", "JPY", [EUR, replace(JPY, simulated=True)]).simulated


def test_a_pair_with_a_fixing_takes_both_fixings_of_that_day() -> None:
    beside = Contributor("ecb", Decimal("1.12"), None, None, after(-81900), False, "fixing")
    euro = replace(EUR, contributors=(*EUR.contributors, beside))
    pair = through_hub("EUR", "SEK", [euro, SEK])
    assert (pair.mid, pair.bid, pair.state) == (Decimal("11.2"), None, "reference")
    assert (pair.as_of, pair.fixing_date) == (after(-81900), date(2026, 11, 17))
    assert pair.reason == "ECB fixing of 17 Nov 2026"


def test_a_coin_in_a_reference_currency_is_a_reference() -> None:
    coin = price("BTC-USD", "70000")
    pair = through_hub("BTC", "SEK", [coin, SEK])
    assert (pair.mid, pair.state, pair.as_of) == (Decimal(700000), "reference", after(-81900))


@given(PRICES)
def test_the_inverse_of_the_inverse_is_the_price(mid: Decimal) -> None:
    given_price = price("USD-JPY", str(mid))
    there = through_hub("USD", "JPY", [given_price])
    back = through_hub("JPY", "USD", [given_price])
    assert abs(1 / back.mid / there.mid - 1) < Decimal("1e-18")


@given(PRICES, PRICES)
def test_a_cross_and_its_inverse_multiply_to_one(one: Decimal, other: Decimal) -> None:
    legs = [price("EUR-USD", str(one)), price("USD-JPY", str(other))]
    there = through_hub("EUR", "JPY", legs)
    back = through_hub("JPY", "EUR", legs[::-1])
    assert abs(there.mid * back.mid - 1) < Decimal("1e-17")
    assert there.bid is not None
    assert back.ask is not None
    assert abs(there.bid * back.ask - 1) < Decimal("1e-17")


def test_a_price_survives_being_stored() -> None:
    assert decode(encode(EUR)) == EUR
    assert decode(encode(SEK)) == SEK


@pytest.mark.parametrize(("age_s", "state"), [(10, "live"), (11, "stale")])
def test_a_live_price_left_alone_is_stale_to_whoever_reads_it(age_s: int, state: str) -> None:
    assert aged(EUR, NOON + timedelta(seconds=age_s)).state == state


@pytest.mark.parametrize(("seconds", "state"), [(0, "reference"), (1, "stale")])
def test_a_fixing_is_a_reference_for_five_days_and_no_longer(seconds: int, state: str) -> None:
    at = SEK.as_of + timedelta(days=5, seconds=seconds)
    assert aged(SEK, at).state == state


class TestStored:
    @pytest.fixture(autouse=True)
    def stored(self, db: None) -> Iterator[None]:
        redis_client().delete(quotes.LATEST)
        known = {one.symbol: encode(one) for one in (EUR, JPY, SEK)}
        redis_client().hset(quotes.LATEST, mapping=known)  # type: ignore[arg-type]
        with clock.frozen(NOON):
            yield
        redis_client().delete(quotes.LATEST)

    def test_the_latest_prices_are_read_by_symbol(self) -> None:
        assert quotes.latest() == {"EUR-USD": EUR, "USD-JPY": JPY, "USD-SEK": SEK}

    def test_any_pair_is_priced_whatever_the_case(self) -> None:
        assert quotes.pair("eur", "Jpy").mid == Decimal(200)

    @pytest.mark.parametrize(
        ("start", "end", "code"),
        [
            ("EUR", "EUR", Code.SAME_CURRENCY),
            ("EUR", "XXX", Code.UNKNOWN_CURRENCY),
            ("CHF", "EUR", Code.NOT_READY),
        ],
    )
    def test_it_refuses_a_pair_that_has_no_price(self, start: str, end: str, code: Code) -> None:
        with pytest.raises(Refused) as refusal:
            quotes.pair(start, end)
        assert refusal.value.code == code

    def test_nothing_stays_live_when_nobody_writes(self) -> None:
        with clock.frozen(after(60)):
            assert quotes.pair("EUR", "USD").state == "stale"

    def test_it_says_not_ready_while_redis_is_away(self, settings: Settings) -> None:
        redis_client.cache_clear()
        settings.REDIS_URL = "unix:///nowhere"
        with pytest.raises(Refused) as refusal:
            quotes.latest()
        assert refusal.value.code == Code.NOT_READY
        redis_client.cache_clear()
