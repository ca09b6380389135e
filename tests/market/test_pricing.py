"""When does the simulated market run, and what becomes of everything that was said?"""

from datetime import timedelta
from decimal import Decimal

from core.clock import iso
from market.inbox import Batch, RawCandle, RawFixing, RawTick
from market.numbers import Reason
from market.pricing import Memory
from market.sources import Source
from tests.market.said import MIDNIGHT, NOON, after, batch, memory, tick


def simulated(known: Memory, at: float, mid: str = "1.5") -> None:
    known.take(batch(tick("EUR-USD", mid), source="replay", at=at, transport="socket"))


class TestSimulation:
    def test_it_begins_when_nobody_has_answered_for_20_seconds(self) -> None:
        known = memory(answered=False)
        known.settle(after(19.9))
        assert known.simulated == frozenset()
        known.settle(after(20))
        assert "EUR-USD" in known.simulated
        assert "EUR-GBP" not in known.simulated

    def test_it_never_begins_once_a_source_has_answered(self) -> None:
        known = memory(answered=False)
        known.take(batch(tick()))
        known.settle(after(3600))
        assert known.simulated == frozenset()

    def test_a_source_that_cannot_be_reached_has_not_answered(self) -> None:
        known = memory(answered=False)
        known.take(Batch("kraken", "rest", NOON, problem="unreachable"))
        known.settle(after(20))
        assert known.simulated

    def test_its_prices_are_live_and_marked(self) -> None:
        known = memory(chosen=True)
        known.settle(NOON)
        simulated(known, 0)
        known.settle(NOON)
        price = known.prices["EUR-USD"]
        assert (price.mid, price.state, price.simulated) == (Decimal("1.5"), "live", True)

    def test_it_is_not_heard_where_it_does_not_run(self) -> None:
        known = memory()
        known.settle(NOON)
        simulated(known, 0)
        known.settle(NOON)
        assert known.prices == {}

    def test_the_first_good_real_quote_ends_it_for_that_instrument_for_good(self) -> None:
        known = memory(chosen=True)
        known.settle(NOON)
        simulated(known, 0)
        known.settle(NOON)
        known.take(batch(tick("EUR-USD", "1.1"), at=1))
        simulated(known, 1)
        known.settle(after(1))
        price = known.prices["EUR-USD"]
        assert (price.mid, price.simulated) == (Decimal("1.1"), False)
        assert {voice.source for voice in price.contributors} == {"kraken"}
        assert "GBP-USD" in known.simulated
        simulated(known, 60)
        known.settle(after(60))
        assert (known.prices["EUR-USD"].mid, known.prices["EUR-USD"].state) == (
            Decimal("1.1"),
            "stale",
        )
        assert known.pending.first_real == {1: after(1)}

    def test_a_spoiled_real_quote_does_not_end_it(self) -> None:
        known = memory(chosen=True)
        known.settle(NOON)
        simulated(known, 0)
        known.take(batch(RawTick("EUR-USD", bid="NaN", ask="1")))
        known.settle(NOON)
        assert known.prices["EUR-USD"].simulated

    def test_todays_extremes_do_not_mix(self) -> None:
        known = memory(chosen=True)
        known.settle(NOON)
        simulated(known, 0, "1.5")
        known.settle(NOON)
        known.take(batch(tick("EUR-USD", "1.1"), at=1))
        known.settle(after(1))
        assert known.today.stats("EUR", "USD").high == Decimal("1.1")

    def test_a_real_fixing_ends_it_for_the_currencies_fixed(self) -> None:
        known = memory(chosen=True)
        known.settle(NOON)
        fixing = RawFixing("2026-11-18", {"USD": "1.1", "SEK": "11"})
        known.take(Batch("ecb", "rest", NOON, fixings=(fixing,)))
        known.settle(NOON)
        assert known.prices["USD-SEK"].state == "reference"
        assert {"EUR-USD", "USD-SEK"}.isdisjoint(known.simulated)
        assert {"USD-JPY", "BTC-USD"} <= known.simulated

    def test_asked_for_alone_it_prices_everything(self) -> None:
        known = memory(chosen=True, alone=True, real={"EUR-USD"})
        known.settle(NOON)
        assert "EUR-USD" in known.simulated


class TestWhatIsKept:
    def test_one_tick_a_beat_of_each_source_and_pair_is_stored(self) -> None:
        known = memory()
        for mid in ("1.1", "1.1001", "1.1002"):
            known.take(batch(tick(mid=mid), transport="socket"))
        known.settle(NOON)
        assert [one.mid for one in known.pending.ticks] == [Decimal("1.1002")]

    def test_simulated_ticks_are_not_stored(self) -> None:
        known = memory(chosen=True)
        known.settle(NOON)
        simulated(known, 0)
        known.settle(NOON)
        assert known.pending.ticks == []

    def test_a_price_is_stored_every_five_seconds_and_when_its_state_turns(self) -> None:
        known = memory()
        for at in (0, 1, 4, 5, 6):
            known.take(batch(tick(mid=f"1.100{at}"), at=at))
            known.settle(after(at))
        known.settle(after(17))
        assert [(row.at, row.price.state) for row in known.pending.prices] == [
            *((NOON, "live"), (after(5), "live"), (after(17), "stale")),
        ]

    def test_minutes_are_kept_of_instruments_and_of_listed_crosses(self) -> None:
        known = memory()
        known.take(batch(tick("EUR-USD", "1.25"), tick("GBP-USD", "1.5625")))
        known.settle(NOON)
        stored = {one.instrument_id: one.close for one in known.pending.candles}
        assert stored == {1: Decimal("1.25"), 2: Decimal("1.5625"), 5: Decimal("0.8")}

    def test_daily_candles_of_sources_are_kept(self) -> None:
        known = memory()
        day = RawCandle("EUR-USD", iso(MIDNIGHT), "1.1", "1.2", "1.0", "1.15", "1000")
        known.take(Batch("kraken", "rest", NOON, candles=(day,)))
        (candle,) = known.pending.candles
        assert (candle.source, candle.interval, candle.high) == ("kraken", "1d", Decimal("1.2"))
        assert known.today.stats("EUR", "USD").high == Decimal("1.2")

    def test_a_candle_that_contradicts_itself_is_refused(self) -> None:
        known = memory()
        day = RawCandle("EUR-USD", iso(MIDNIGHT), "1.1", "1.0", "1.2", "1.15")
        known.take(Batch("kraken", "rest", NOON, candles=(day,)))
        assert known.pending.candles == []
        assert [reason for _, _, reason, _ in known.pending.tallies.counts] == [Reason.BAD_CANDLE]

    def test_rejections_of_one_kind_in_one_minute_are_one_row(self) -> None:
        known = memory()
        for at in (0, 5, 59, 60):
            known.take(batch(tick(bid="0"), at=at))
        tallies = known.pending.tallies.counts.items()
        assert [(key[3], tally.count) for key, tally in tallies] == [(NOON, 3), (after(60), 1)]


def test_the_day_turns_at_midnight_utc() -> None:
    known = memory()
    late = (MIDNIGHT + timedelta(days=1) - NOON).total_seconds()
    known.take(batch(tick("EUR-USD", "1.1"), at=late - 1))
    known.settle(after(late - 1))
    known.take(batch(tick("EUR-USD", "1.102"), at=late))
    known.settle(after(late))
    stats = known.today.stats("EUR", "USD")
    assert (stats.previous, stats.high, stats.low) == tuple(map(Decimal, ("1.1", "1.102", "1.102")))
    assert stats.since is None


def test_a_price_of_days_ago_is_no_last_price_before_midnight() -> None:
    known = memory()
    known.take(batch(tick()))
    known.settle(NOON)
    known.settle(NOON + timedelta(days=2))
    assert known.today.stats("EUR", "USD").previous is None


def test_a_source_of_which_nothing_is_usable_is_troubled() -> None:
    known = memory()
    known.take(batch(tick()))
    assert known.sources["kraken"].state(NOON) == "ok"
    known.take(batch(tick(bid="NaN"), at=5))
    source = known.sources["kraken"]
    assert (source.state(after(5)), source.accepted, source.rejected) == ("troubled", 1, 1)
    known.take(batch(tick(mid="1.1001"), at=10))
    assert source.state(after(10)) == "ok"
    assert source.state(after(21)) == "silent"


def test_a_source_of_fixings_is_not_silent_for_a_day_also_after_a_restart() -> None:
    restored = Source("ecb", last_success_at=NOON)
    assert restored.state(NOON + timedelta(hours=20)) == "ok"
    assert restored.state(NOON + timedelta(hours=27)) == "silent"
