"""Are stored values computed once, anew where candles changed, and never of the wrong market?"""

from collections.abc import Iterator
from datetime import timedelta

import numpy as np
import pytest

from core import clock
from core.push import redis_client
from market import candles, catalog, indicators, simulation
from market.indicators import upkeep
from market.studies import STUDIES, shelf
from tests.market.hours import HOUR, SYMBOL, store, stored
from tests.market.markets import random_bars
from tests.market.said import NOON

pytestmark = pytest.mark.django_db
BEGUN = NOON + timedelta(minutes=1)


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    redis_client().delete(simulation.SIMULATED)
    with clock.frozen(BEGUN):
        yield


def look() -> bool:
    pair = catalog.instrument(SYMBOL)
    return upkeep.look(SYMBOL, "1h", shelf.states().get((pair.id, "1h")))


def shelved(column: str, *, limit: int = 5000) -> np.ndarray:
    rows = shelf.read(catalog.instrument(SYMBOL).id, "1h", [column], limit=limit)
    return np.array([row.figures[0] for row in rows], dtype=float)


def computed(name: str, bars: indicators.Bars, output: str) -> np.ndarray:
    study = STUDIES[name]
    return indicators.compute(study, bars, study.defaults)[output]


def test_closed_candles_are_computed_with_every_indicator() -> None:
    bars = stored()
    assert look()
    for name in STUDIES:
        output = STUDIES[name].outputs[0].name
        np.testing.assert_allclose(
            shelved(f"{name}.{output}"), computed(name, bars, output), rtol=1e-9
        )


def test_a_second_look_finds_nothing_new() -> None:
    stored()
    assert look()
    assert not look()


def test_the_next_candle_is_added_and_sums_go_on() -> None:
    bars = random_bars(300)
    store(bars.where(slice(290)), ago=10)
    look()
    store(bars)
    with clock.frozen(BEGUN + timedelta(minutes=1)):
        look()
    assert len(shelved("close")) == 300
    for column, line in (("rsi", "rsi"), ("obv", "obv"), ("adx", "adx")):
        expected = computed(column, bars, line)
        np.testing.assert_allclose(shelved(f"{column}.{line}"), expected, rtol=1e-9, atol=1e-6)


def test_a_candle_that_was_healed_is_computed_anew_from_there_on() -> None:
    bars = stored()
    look()
    healed = random_bars(300)
    healed.close[250] *= 1.01
    healed.high[250] *= 1.02
    store(healed)
    with clock.frozen(NOON + HOUR):
        look()
    np.testing.assert_allclose(shelved("sma.sma")[250], computed("sma", healed, "sma")[250])
    np.testing.assert_allclose(shelved("sma.sma")[:250], computed("sma", bars, "sma")[:250])


def test_history_that_is_brought_later_is_computed_at_the_next_hour() -> None:
    whole = random_bars(400)
    store(whole.where(slice(200, None)))
    look()
    store(whole)
    with clock.frozen(NOON + HOUR):
        assert upkeep._is_due("1h", shelf.state(catalog.instrument(SYMBOL).id, "1h"), clock.now())
        look()
    np.testing.assert_allclose(shelved("rsi.rsi"), computed("rsi", whole, "rsi"), rtol=1e-9)


def test_no_more_than_the_kept_rows_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelf, "KEPT", 100)
    stored()
    look()
    assert len(shelved("close")) == 100


def test_real_values_are_never_continued_by_simulated_ones() -> None:
    stored(120, seed=2, source=candles.SIMULATED)
    redis_client().set(simulation.SIMULATED, f'["{SYMBOL}"]')
    assert look()
    assert len(shelved("close")) == 120
    stored(50)
    redis_client().delete(simulation.SIMULATED)
    with clock.frozen(NOON + HOUR):
        look()
    assert len(shelved("close")) == 50
    assert not shelf.states()[catalog.instrument(SYMBOL).id, "1h"].simulated


def test_a_run_computes_what_is_due_short_intervals_first(monkeypatch: pytest.MonkeyPatch) -> None:
    bars = stored()
    waiting = [interval for _, interval, _ in upkeep.due(clock.now())]
    assert waiting == sorted(waiting, key=[*candles.INTERVALS].index)
    monkeypatch.setattr(upkeep, "BUDGET_S", 30.0)
    assert upkeep.refresh() == "1 series"
    np.testing.assert_allclose(shelved("rsi.rsi"), computed("rsi", bars, "rsi"), rtol=1e-9)
    assert upkeep.due(clock.now()) == []


def test_a_run_stops_when_its_time_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    stored()
    monkeypatch.setattr(upkeep, "BUDGET_S", -1.0)
    assert upkeep.refresh() == "0 series"
    assert len(shelved("close")) == 0


def test_two_processes_never_compute_the_same_series_at_once() -> None:
    stored()
    assert look()
    pair = catalog.instrument(SYMBOL)
    old = shelf.State(pair.id, "1h", NOON - HOUR, None, "", False)
    with clock.frozen(NOON + HOUR):
        assert not upkeep.look(SYMBOL, "1h", old)


def test_a_series_is_due_once_a_candle_should_have_closed() -> None:
    stored()
    look()
    pair = catalog.instrument(SYMBOL)

    def due(minutes: float) -> bool:
        return upkeep._is_due("1h", shelf.state(pair.id, "1h"), NOON + timedelta(minutes=minutes))

    assert [due(5), due(59), due(60.01), due(61)] == [False, False, True, True]


@pytest.mark.parametrize(
    ("figure", "text"),
    [
        (1.23456789012e-7, "0.000000123456789"),
        (12345678901234.0, "12345678900000"),
        (-56.65, "-56.65"),
        (0.0, "0"),
        (None, None),
    ],
)
def test_figures_of_every_size_are_told_plainly(figure: float | None, text: str | None) -> None:
    assert shelf.text(figure) == text
