"""Whose word counts, and what is the price when they disagree?"""

from datetime import datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from market.consolidation import frozen_sources
from market.fixings import Fixing
from market.inbox import RawTick
from market.pricing import Memory
from market.quotes import DISPUTED, UNCONFIRMED, ReferencePrice
from tests.market.said import NOON, after, batch, memory, tick

SOURCES = ("kraken", "coinbase", "binance")


def settled(known: Memory, at: datetime = NOON, symbol: str = "EUR-USD") -> ReferencePrice:
    known.settle(at)
    return known.prices[symbol]


def say(known: Memory, *mids: str, symbol: str = "EUR-USD", at: float = 0) -> None:
    """Each source in turn says one of these prices."""
    for source, mid in zip(SOURCES, mids, strict=False):
        known.take(batch(tick(symbol, mid), source=source, at=at))


def heard(*mids: str, symbol: str = "EUR-USD") -> ReferencePrice:
    known = memory()
    say(known, *mids, symbol=symbol)
    return settled(known, symbol=symbol)


def notes(price: ReferencePrice) -> dict[str, str]:
    return {voice.source: voice.note for voice in price.contributors if not voice.used}


def test_one_source_alone_is_the_price() -> None:
    price = heard("1.1")
    assert (price.mid, price.bid, price.ask) == tuple(map(Decimal, ("1.1", "1.09989", "1.10011")))
    assert (price.state, price.reason, price.simulated) == ("live", "", False)


def test_two_sources_within_tolerance_are_averaged() -> None:
    assert heard("1.1000", "1.1002").mid == Decimal("1.1001")


@pytest.mark.parametrize(
    ("symbol", "near", "far"),
    [("EUR-USD", "1.0009", "1.0011"), ("BTC-USD", "1.0049", "1.0051")],
)
def test_two_sources_beyond_the_tolerance_of_their_kind_dispute_the_price(
    symbol: str, near: str, far: str
) -> None:
    assert heard("1", near, symbol=symbol).state == "live"
    disputed = heard("1", far, symbol=symbol)
    assert (disputed.state, disputed.reason) == ("stale", DISPUTED)
    assert (disputed.bid, disputed.ask) == (None, None)
    assert not any(voice.used for voice in disputed.contributors)


def test_a_disputed_price_stays_where_it_was() -> None:
    known = memory()
    say(known, "1.1")
    settled(known)
    say(known, "1.1001", "1.104", at=5)
    price = settled(known, after(5))
    assert (price.mid, price.state, price.reason) == (Decimal("1.1"), "stale", DISPUTED)
    assert price.as_of == NOON


def test_three_sources_make_a_median() -> None:
    assert heard("1.1000", "1.1003", "1.1001").mid == Decimal("1.1001")


def test_an_outlier_is_dropped_and_shown() -> None:
    price = heard("1.1000", "1.1002", "1.1020")
    assert price.mid == Decimal("1.1001")
    assert notes(price) == {"binance": "outlier"}


def test_three_sources_that_all_disagree_make_no_price() -> None:
    price = heard("1.1", "1.12", "1.14")
    assert (price.state, price.reason) == ("stale", DISPUTED)


@settings(deadline=None)
@given(
    spoiled=st.integers(0, 2),
    value=st.decimals("0.01", "100", places=4),
    spread=st.lists(st.integers(-4, 4), min_size=3, max_size=3),
)
def test_one_spoiled_source_of_three_moves_the_price_less_than_a_basis_point(
    spoiled: int, value: Decimal, spread: list[int]
) -> None:
    good = [Decimal("1.1") + Decimal(step) / 100_000 for step in spread]
    known = memory()
    say(known, *map(str, good))
    before = settled(known).mid
    say(known, *(str(value if one == spoiled else mid) for one, mid in enumerate(good)), at=5)
    price = settled(known, after(5))
    assert price.state == "live"
    assert abs(price.mid / before - 1) < Decimal("0.0001")


def test_two_spoiled_sources_of_three_make_the_price_unsafe() -> None:
    known = memory()
    say(known, "1.1", "1.1", "1.1")
    settled(known)
    say(known, "1.2", "1.3", "1.1", at=5)
    price = settled(known, after(5))
    assert (price.mid, price.state, price.reason) == (Decimal("1.1"), "stale", UNCONFIRMED)


def test_a_jump_of_the_only_source_makes_the_row_stale_until_confirmed() -> None:
    known = memory()
    say(known, "1.1")
    settled(known)
    for at in range(5, 65, 5):
        say(known, "1.2", at=at)
        price = settled(known, after(at))
        assert (price.mid, price.state, price.reason) == (Decimal("1.1"), "stale", UNCONFIRMED)
    say(known, "1.2", at=65)
    price = settled(known, after(65))
    assert (price.mid, price.state) == (Decimal("1.2"), "live")


def test_a_silent_source_makes_the_price_stale_after_ten_seconds() -> None:
    known = memory()
    say(known, "1.1")
    assert settled(known, after(10)).state == "live"
    price = settled(known, after(10.1))
    assert (price.state, price.reason, price.as_of) == ("stale", "no new price", NOON)
    assert notes(price) == {"kraken": "silent"}


def test_a_stale_price_is_live_again_at_the_next_answer() -> None:
    known = memory()
    say(known, "1.1")
    settled(known)
    assert settled(known, after(60)).state == "stale"
    say(known, "1.1", at=61)
    assert settled(known, after(61)).state == "live"


class TestFrozen:
    def answer(self, known: Memory, at: float, *symbols: str, volume: str = "5") -> None:
        ticks = [tick(symbol, "1.1", volume=volume) for symbol in symbols]
        known.take(batch(*ticks, at=at))

    def test_a_source_whose_three_pairs_stand_for_15_seconds_is_frozen(self) -> None:
        known = memory()
        for at in (0, 5, 10):
            self.answer(known, at, "EUR-USD", "GBP-USD", "BTC-USD")
        assert settled(known, after(14)).state == "live"
        self.answer(known, 15, "EUR-USD", "GBP-USD", "BTC-USD")
        price = settled(known, after(15))
        assert (price.state, price.reason) == ("stale", "frozen price")
        assert known.sources["kraken"].state(after(15)) == "frozen"

    def test_a_change_of_volume_alone_shows_life(self) -> None:
        known = memory()
        for at in (0, 5, 10, 15):
            self.answer(known, at, "EUR-USD", "GBP-USD")
            self.answer(known, at, "BTC-USD", volume=str(at))
        assert frozen_sources(known.judge, after(15)) == frozenset()

    def test_two_pairs_are_too_few_to_call_a_source_frozen(self) -> None:
        known = memory()
        for at in range(0, 60, 5):
            self.answer(known, at, "EUR-USD", "GBP-USD")
        assert settled(known, after(55)).state == "live"

    @pytest.mark.parametrize(("symbol", "limit"), [("EUR-USD", 600), ("BTC-USD", 180)])
    def test_one_pair_that_stands_too_long_is_frozen(self, symbol: str, limit: int) -> None:
        known = memory()
        for at in range(0, limit, 5):
            self.answer(known, at, symbol)
            known.take(batch(tick("USDT-USD", "1", volume=str(at)), at=at))
        assert settled(known, after(limit - 5), symbol).state == "live"
        self.answer(known, limit, symbol)
        assert settled(known, after(limit), symbol).state == "stale"


class TestTether:
    def say(self, known: Memory, worth: str, *, venue: str = "kraken") -> None:
        known.take(batch(tick("USDT-USD", worth), source=venue))
        known.take(batch(RawTick("BTC-USDT", bid="69990", ask="70010"), source="binance"))

    def test_a_price_in_tether_enters_times_what_another_venue_says_it_is_worth(self) -> None:
        known = memory()
        self.say(known, "0.999")
        price = settled(known, symbol="BTC-USD")
        assert (price.mid, price.state, price.reason) == (Decimal("69930"), "live", "via USDT")
        assert [voice.note for voice in price.contributors] == ["via USDT"]

    def test_it_does_not_count_where_anybody_quotes_dollars(self) -> None:
        known = memory()
        self.say(known, "0.999")
        known.take(batch(tick("BTC-USD", "70100"), source="coinbase"))
        price = settled(known, symbol="BTC-USD")
        assert price.mid == Decimal("70100")
        assert notes(price) == {"binance": "via USDT"}

    @pytest.mark.parametrize(("others", "state"), [("69990", "live"), ("75000", "stale")])
    def test_it_may_vouch_for_the_one_source_that_does_not_jump(
        self, others: str, state: str
    ) -> None:
        known = memory()
        known.take(batch(tick("BTC-USD", "70000"), tick("USDT-USD", "1")))
        known.take(batch(tick("BTC-USD", "70000"), source="coinbase"))
        settled(known, symbol="BTC-USD")
        known.take(batch(RawTick("BTC-USDT", last=others), source="binance", at=1))
        known.take(batch(tick("BTC-USD", "105000"), at=1))
        price = settled(known, after(1), "BTC-USD")
        assert (price.mid, price.state) == (Decimal("70000"), state)

    @pytest.mark.parametrize(("worth", "venue"), [("0.98", "kraken"), ("1", "binance")])
    def test_it_is_left_out_when_tether_strays_or_only_the_same_venue_knows(
        self, worth: str, venue: str
    ) -> None:
        known = memory()
        self.say(known, worth, venue=venue)
        known.settle(NOON)
        assert "BTC-USD" not in known.prices

    def test_it_is_left_out_when_the_worth_of_tether_is_old(self) -> None:
        known = memory()
        self.say(known, "0.999")
        known.take(batch(RawTick("BTC-USDT", bid="69990", ask="70010"), source="binance", at=11))
        known.settle(after(11))
        assert "BTC-USD" not in known.prices


class TestFixingsAndWeekends:
    def test_a_currency_without_a_live_source_has_its_fixing_as_reference(self) -> None:
        price = settled(memory(fixings=True), symbol="USD-SEK")
        assert (price.mid, price.state) == (Decimal(10), "reference")
        assert price.reason == "ECB fixing of 17 Nov 2026"
        assert price.as_of.isoformat() == "2026-11-17T13:15:00+00:00"

    def test_a_fixing_never_enters_a_live_median_but_stands_beside_it(self) -> None:
        known = memory(fixings=True)
        say(known, "1.1201")
        price = settled(known)
        assert (price.mid, price.state) == (Decimal("1.1201"), "live")
        assert notes(price) == {"ecb": "fixing"}

    @pytest.mark.parametrize(("days", "state"), [(5, "reference"), (6, "stale")])
    def test_a_fixing_is_good_for_five_days(self, days: int, state: str) -> None:
        at = after(-24 * 3600 + days * 24 * 3600)
        assert settled(memory(fixings=True), at, "USD-SEK").state == state

    def test_a_silent_live_source_is_stale_even_when_a_younger_fixing_comes(self) -> None:
        known = memory(fixings=True)
        say(known, "1.1201")
        settled(known)
        known.book.add(Fixing(NOON.date(), {"USD": Decimal("1.13")}))
        price = settled(known, after(3 * 3600))
        assert (price.mid, price.state) == (Decimal("1.1201"), "stale")
        price = settled(known, after(24 * 3600 + 1))
        assert (price.mid, price.state) == (Decimal("1.13"), "reference")

    def test_a_fixing_older_than_the_last_live_price_never_replaces_it(self) -> None:
        known = memory(fixings=True)
        say(known, "1.1201")
        settled(known)
        assert settled(known, after(2 * 24 * 3600)).state == "stale"

    def test_a_fixing_told_before_its_hour_is_not_of_the_future(self) -> None:
        known = memory(fixings=True)
        known.book.add(Fixing(NOON.date(), {"USD": Decimal("1.13"), "SEK": Decimal("11.3")}))
        assert settled(known, symbol="USD-SEK").as_of == NOON.replace(hour=0)
        assert settled(known, after(3 * 3600), "USD-SEK").as_of.hour == 13

    def test_fx_is_closed_at_the_weekend_without_a_fresh_price(self) -> None:
        known, saturday = memory(), 3 * 24 * 3600
        say(known, "1.1")
        settled(known)
        price = settled(known, after(saturday))
        assert (price.state, price.reason) == ("closed", "market closed")
        assert price.mid == Decimal("1.1")

    def test_a_venue_that_trades_round_the_clock_keeps_fx_live_at_the_weekend(self) -> None:
        known, saturday = memory(), 3 * 24 * 3600
        say(known, "1.1", at=saturday)
        assert settled(known, after(saturday)).state == "live"

    def test_crypto_is_never_closed(self) -> None:
        known, saturday = memory(), 3 * 24 * 3600
        say(known, "70000", symbol="BTC-USD")
        settled(known, symbol="BTC-USD")
        assert settled(known, after(saturday), "BTC-USD").state == "stale"
