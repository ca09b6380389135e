"""Are events told when they happen, once, with what shows them, and never by looking ahead?"""

import re

import numpy as np
import pytest
from hypothesis import given, settings

from market import signal_feed
from market.indicators import Bars
from market.indicators.upkeep import figures_of
from market.signals import Event, Market, find
from market.signals.patterns import PATTERNS
from tests.market.markets import HOUR_S, bars, markets, random_bars, still_bars

ADVICE = re.compile(r"\b(buy|sell|should|recommend|opportunity)\b", re.IGNORECASE)
RNG = np.random.default_rng(5)
QUIET = [100 + 0.3 * (-1) ** step + 0.05 * (step % 7) for step in range(200)]


def events(market: Bars, kind: str | None = None) -> list[Event]:
    found = find(Market(market, figures_of(market)))
    return [event for event in found if kind in (None, event.kind)]


def candles(*rows: tuple[float, float, float, float]) -> Bars:
    """A quiet past, then these candles: open, high, low, close."""
    table = np.array([(100, 101, 99, 100.5), (100.5, 101.2, 99.2, 100)] * 20 + list(rows))
    time = np.arange(len(table), dtype=np.int64) * HOUR_S
    opened, high, low, close = (np.ascontiguousarray(column) for column in table.T)
    return Bars(time, opened, high, low, close, np.full(len(table), 5.0))


@settings(max_examples=25, deadline=None)
@given(market=markets)
def test_cutting_off_the_future_changes_no_past_signal(market: Bars) -> None:
    whole = events(market)
    for cut in (len(market) - 1, len(market) - 17, len(market) // 2):
        assert events(market.where(slice(cut))) == [one for one in whole if one.place < cut]


@settings(max_examples=15, deadline=None)
@given(market=markets)
def test_every_signal_has_words_figures_and_a_strength_and_gives_no_advice(market: Bars) -> None:
    for event in events(market):
        assert 0 <= event.strength <= 1
        assert re.search(r"\d", event.sentence)
        assert len(event.sentence) <= 200
        assert event.evidence
        assert not ADVICE.search(event.sentence)


def test_a_crossing_is_told_once_however_the_price_lingers_there() -> None:
    lingering = [100.02 * (1 + 0.0002 * (-1) ** step) for step in range(60)]
    market = bars([*np.linspace(110, 100, 60), *lingering, *np.linspace(100, 110, 30)])
    crossed = events(market, "price_cross")
    assert [event.direction for event in crossed] == ["up"]
    assert crossed[0].place >= 120
    assert "rose above its average" in crossed[0].sentence


def test_averages_cross_where_a_long_fall_turns() -> None:
    market = bars([*np.linspace(200, 100, 260), *np.linspace(100, 220, 240)])
    (golden,) = events(market, "average_cross")
    assert (golden.direction, golden.place > 260) == ("up", True)
    assert "golden cross" in golden.sentence


def test_macd_crosses_once_a_swing() -> None:
    swings = 100 + 10 * np.sin(np.arange(400) * 2 * np.pi / 100)
    directions = [event.direction for event in events(bars(list(swings)), "macd_cross")]
    assert directions in (["up", "down"] * 4, ["down", "up"] * 4, ["up", "down"] * 3 + ["up"])


def test_a_trend_begins_once_and_names_its_direction() -> None:
    market = bars([*QUIET, *np.linspace(100, 130, 60)])
    begun = [event for event in events(market, "trend_start") if event.place > 195]
    assert [event.direction for event in begun] == ["up"]


def test_rsi_is_extreme_once_until_it_has_come_back() -> None:
    climb = np.linspace(100, 112, 40) + 0.2 * (np.arange(40) % 2)
    market = bars([*QUIET, *climb, *np.linspace(112, 104, 20), *np.linspace(104, 120, 40)])
    told = [event for event in events(market, "rsi_extreme") if event.place >= 200]
    assert [event.direction for event in told] == ["up", "down", "up"]


def test_a_breakout_names_the_edge_it_left() -> None:
    market = bars([*QUIET, 104, 105, 106])
    (broken,) = (event for event in events(market, "breakout") if event.place >= 200)
    assert (broken.place, broken.direction) == (200, "up")
    assert broken.evidence["price"] == "104.000"


def test_a_squeeze_begins_when_a_wild_market_goes_quiet() -> None:
    wild = 100 + np.cumsum(np.where(np.arange(80) % 16 < 8, 1.5, -1.5))
    quiet = [wild[-1] + 0.05 * (-1) ** step for step in range(40)]
    (begun,) = (event for event in events(bars([*wild, *quiet]), "squeeze") if event.place > 80)
    assert begun.direction == "none"


def test_a_retracement_is_touched_once_from_afar() -> None:
    rise, back = np.linspace(100, 160, 120), np.linspace(160, 139, 20)
    touched = events(bars([*rise, *back, *[139.0] * 10]), "fibonacci_touch")
    assert [event.evidence["retracement"] for event in touched] == ["38.2 %"]
    assert touched[0].direction == "down"


def test_a_retracement_is_told_on_the_way_back_and_once_a_swing() -> None:
    turns = ((110, 100, 60), (100, 160, 50), (160, 138, 15), (138, 152, 12), (152, 138, 12))
    walk = [price for turn in (*turns, (138, 129, 9)) for price in np.linspace(*turn)]
    touched = events(bars(walk), "fibonacci_touch")
    assert [event.evidence["retracement"] for event in touched] == ["38.2 %", "50 %"]
    assert {event.direction for event in touched} == {"down"}


def test_a_deep_retracement_leaves_nothing_to_tell_of_shallow_ones() -> None:
    fall, back = np.linspace(160, 100, 120), [101.0, 102.0, 138.0, 138.0, 120.0, 124.0]
    touched = events(bars([*fall, *back]), "fibonacci_touch")
    assert [event.evidence["retracement"] for event in touched] == ["61.8 %"]


def test_a_surge_of_volume_is_told_with_the_way_of_obv() -> None:
    market = bars(QUIET)
    market.volume[:] = 10 + RNG.normal(0, 1, 200)
    market.volume[150:153] = 90
    (surge,) = events(market, "volume_surge")
    assert surge.place == 150
    assert (surge.direction == "up") == (market.close[150] > market.close[149])
    assert "times the usual" in surge.sentence


def test_an_unusual_move_is_one_against_the_hundred_before() -> None:
    walk = [*(100 + RNG.normal(0, 0.1, 150)), 95.0]
    (moved,) = events(bars(walk), "unusual_move")
    assert (moved.place, moved.direction) == (150, "down")


def test_a_jump_over_a_gap_is_no_move_of_one_candle() -> None:
    market = bars([*(100 + RNG.normal(0, 0.1, 150)), 95.0])
    market.time[150:] += 50 * HOUR_S
    assert events(market, "unusual_move") == []


def test_three_white_soldiers_and_three_black_crows_are_seen() -> None:
    soldiers = candles((100, 103.1, 99.9, 103), (102, 106.1, 101.9, 106), (105, 109.1, 104.9, 109))
    (rise,) = events(soldiers, "three_white_soldiers")
    assert (rise.place, rise.direction) == (42, "up")
    crows = candles(
        (100, 106.1, 99.9, 106),
        (105, 105.1, 101.9, 102),
        (104, 104.1, 97.9, 98),
        (100, 100.1, 93.9, 94),
    )
    (fall,) = events(crows, "three_black_crows")
    assert (fall.place, fall.direction) == (43, "down")


def test_patterns_need_unbroken_candles_that_have_a_range() -> None:
    rows = ((100, 103.1, 99.9, 103), (102, 106.1, 101.9, 106), (105, 109.1, 104.9, 109))
    broken = candles(*rows)
    broken.time[42:] += 5 * HOUR_S
    assert events(broken, "three_white_soldiers") == []
    daily, fixings = still_bars(60), np.arange(100.0, 160.0)
    flat = Bars(daily.time, fixings, fixings, fixings, fixings, daily.volume)
    assert not {event.kind for event in events(flat)} & {one.kind for one in PATTERNS}


@pytest.mark.parametrize(
    "market", [still_bars(300), random_bars(0), random_bars(1), bars(QUIET[:15])]
)
def test_a_still_or_short_market_tells_nothing(market: Bars) -> None:
    assert events(market) == []


def test_every_kind_has_a_title() -> None:
    kinds = {event.kind for seed in range(3) for event in events(random_bars(400, seed=seed))}
    assert kinds - {one.kind for one in PATTERNS} <= set(signal_feed.TITLES)
