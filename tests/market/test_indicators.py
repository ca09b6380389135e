"""Are indicators right: recorded values, textbook definitions, warm-up, gaps, flat markets?"""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings

from market import indicators
from market.indicators import Bars
from market.studies import STUDIES, Study
from tests.market import definitions
from tests.market.markets import bars, markets, random_bars, reference, still_bars

RECORDED = {
    ("sma", "sma"): "sma20",
    ("ewma", "ewma"): "ema20",
    ("rsi", "rsi"): "rsi14",
    ("macd", "macd"): "macd_12_26",
    ("macd", "signal"): "macd_signal_9",
    ("macd", "histogram"): "macd_hist",
    ("bollinger", "middle"): "bb_mid_20",
    ("bollinger", "upper"): "bb_upper_2sd",
    ("bollinger", "lower"): "bb_lower_2sd",
    ("bollinger", "percent_b"): "bb_percent_b",
    ("bollinger", "width"): "bb_width",
    ("adx", "plus_di"): "plus_di14",
    ("adx", "minus_di"): "minus_di14",
    ("adx", "adx"): "adx14",
    ("obv", "obv"): "obv",
    ("atr", "atr"): "atr14",
}
every_study = pytest.mark.parametrize("study", STUDIES.values(), ids=list(STUDIES))


def lines(study: Study, market: Bars) -> dict[str, np.ndarray]:
    return indicators.compute(study, market, study.defaults)


def same(ours: np.ndarray, theirs: np.ndarray, *, within: float = 1e-8) -> None:
    np.testing.assert_allclose(ours, theirs, rtol=within, atol=within, equal_nan=True)


@pytest.mark.parametrize(("name", "output"), RECORDED, ids=RECORDED.values())
def test_it_equals_the_recorded_values(name: str, output: str) -> None:
    market, columns = reference()
    ours = lines(STUDIES[name], market)[output]
    np.testing.assert_allclose(
        ours, columns[RECORDED[name, output]], rtol=0, atol=1e-8, equal_nan=True
    )


@pytest.mark.parametrize("name", definitions.BY_NAME)
def test_it_equals_its_textbook_definition(name: str) -> None:
    market = random_bars(300)
    expected = definitions.BY_NAME[name](market)
    ours = lines(STUDIES[name], market)
    assert ours.keys() == expected.keys()
    for output, line in expected.items():
        same(ours[output], line)


def test_the_parabolic_sar_changes_sides_when_it_is_touched() -> None:
    market = bars([*range(100, 140), *range(140, 100, -1)])
    trail = lines(STUDIES["sar"], market)["sar"]
    assert (trail[2:40] < market.low[2:40]).all()
    assert (trail[50:] > market.high[50:]).all()


@every_study
@settings(max_examples=12, deadline=None)
@given(market=markets)
def test_no_value_stands_before_the_declared_warm_up(study: Study, market: Bars) -> None:
    for output in study.outputs:
        line = lines(study, market)[output.name]
        warm_up = output.warm_up(study.defaults)
        assert np.isnan(line[:warm_up]).all()
        assert np.isfinite(line[warm_up:]).all()


@every_study
@settings(max_examples=12, deadline=None)
@given(market=markets)
def test_no_value_changes_when_later_candles_come(study: Study, market: Bars) -> None:
    cut = len(market) - 40
    whole, part = lines(study, market), lines(study, market.where(slice(cut)))
    for name, line in part.items():
        same(whole[name][:cut], line, within=1e-9)


@every_study
@settings(max_examples=8, deadline=None)
@given(market=markets)
def test_the_forming_value_equals_the_batch_value(study: Study, market: Bars) -> None:
    for name, value in indicators.newest(study, market, study.defaults).items():
        same(np.array(value), lines(study, market)[name][-1])


@pytest.mark.parametrize("name", ["rsi", "adx", "macd", "ewma", "keltner", "atr"])
def test_the_declared_reach_is_far_enough_for_endless_memories(name: str) -> None:
    study, market = STUDIES[name], random_bars(5000, seed=3)
    assert (study.reach(study.defaults) or 0) < 1000
    for output, value in indicators.newest(study, market, study.defaults).items():
        same(np.array(value), lines(study, market)[output][-1], within=1e-9)


@every_study
def test_candles_that_lack_figures_are_passed_over(study: Study) -> None:
    whole = random_bars(300)
    lost = np.zeros(300, dtype=bool)
    lost[[0, 50, 51, 52, 200]] = True
    columns = {
        name: np.where(lost, np.nan, getattr(whole, name))
        for name in ("open", "high", "low", "close", "volume")
    }
    gapped, rest = lines(study, replace(whole, **columns)), lines(study, whole.where(~lost))
    for name, line in gapped.items():
        assert np.isnan(line[lost]).all()
        same(line[~lost], rest[name])


@every_study
def test_a_market_that_stands_still_gives_no_nonsense(study: Study) -> None:
    for name, line in lines(study, still_bars(200)).items():
        known = line[np.isfinite(line)]
        scale = {"percent_b": 0, "rsi": 0, "cci": 0, "k": 0, "d": 0, "williams": 0, "mfi": 0}
        assert len(known) == 0 or name not in scale
        assert np.allclose(known, 0) or np.allclose(known, 0.1), name


def test_a_rise_after_a_standstill_is_not_called_oversold() -> None:
    still, later = [1.1] * 700, [1.1 + 0.001 * step for step in range(1, 20)]
    market = bars([*range(1, 30), *still, *later], spread=0)
    strength = lines(STUDIES["rsi"], market)["rsi"]
    assert np.nanmin(strength) > 30
    assert strength[-1] > 70
    assert np.nanmin(lines(STUDIES["stochastic"], market)["k"][729:]) >= 50


@every_study
@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_too_few_candles_give_nothing_and_no_error(study: Study, count: int) -> None:
    for output in study.outputs:
        line = lines(study, random_bars(count))[output.name]
        assert len(line) == count
        assert np.isnan(line[: output.warm_up(study.defaults)]).all()


def test_without_volume_only_what_needs_it_is_empty() -> None:
    market = random_bars(200)
    dry = replace(market, volume=np.full(200, np.nan))
    empty = {
        name
        for name, study in STUDIES.items()
        if all(np.isnan(line).all() for line in lines(study, dry).values())
    }
    assert empty == {"obv", "mfi", "vwap"}


@pytest.mark.parametrize("price", [1e-7, 1.0, 1e6])
def test_bands_hold_at_every_price_level(price: float) -> None:
    market = random_bars(200, price=1.0)
    names = ("open", "high", "low", "close")
    scaled = replace(market, **{name: getattr(market, name) * price for name in names})
    plain, ours = (lines(STUDIES["bollinger"], one) for one in (market, scaled))
    same(ours["upper"] / price, plain["upper"])
    same(ours["percent_b"], plain["percent_b"])
