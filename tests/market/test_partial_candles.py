"""Is a candle of too few minutes a gap for everybody who computes, and does each place say so?"""

from collections.abc import Iterator
from datetime import timedelta

import numpy as np
import pytest
from django.test import Client

from core import clock
from core.push import redis_client
from market import catalog, indicators, research, simulation, technical
from market.indicators import requested, upkeep
from market.studies import STUDIES, shelf
from tests.market.hours import HOUR, SYMBOL, roll_up, stored
from tests.market.said import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    redis_client().delete(simulation.SIMULATED)
    with clock.frozen(NOON + timedelta(minutes=1)):
        yield


def look() -> None:
    pair = catalog.instrument(SYMBOL)
    upkeep.look(SYMBOL, "1h", shelf.states().get((pair.id, "1h")))


def shelved(column: str) -> np.ndarray:
    rows = shelf.read(catalog.instrument(SYMBOL).id, "1h", [column], limit=5000)
    return np.array([row.figures[0] for row in rows], dtype=float)


@pytest.mark.parametrize("name", STUDIES)
def test_indicators_are_those_of_the_other_candles(name: str) -> None:
    bars = stored()
    roll_up(ago=100, minutes=3)
    look()
    study = STUDIES[name]
    others = bars.where(np.arange(len(bars)) != 199)
    output, line = next(iter(indicators.compute(study, others, study.defaults).items()))
    found = shelved(f"{name}.{output}")
    assert np.isnan(found[199])
    np.testing.assert_allclose(np.delete(found, 199), line, rtol=1e-9, atol=1e-6)


def test_a_candle_of_enough_minutes_counts() -> None:
    stored()
    roll_up(ago=100, minutes=54)
    look()
    assert not np.isnan(shelved("rsi.rsi")[199])


def test_once_healed_it_is_computed_from_there_on() -> None:
    stored()
    roll_up(ago=3, minutes=3)
    look()
    assert np.isnan(shelved("close")[296])
    roll_up(ago=3, minutes=60)
    with clock.frozen(NOON + HOUR):
        look()
    assert shelved("close")[296] == 250
    assert np.isfinite(shelved("sma.sma")[-10:]).all()


def test_sums_go_on_behind_it() -> None:
    bars = stored(300)
    roll_up(ago=0, minutes=3)
    look()
    roll_up(ago=-1, minutes=60)
    with clock.frozen(NOON + HOUR + timedelta(minutes=1)):
        look()
    study = STUDIES["obv"]
    before = indicators.compute(study, bars, study.defaults)["obv"][298]
    assert shelved("obv.obv")[-1] == pytest.approx(before + 1, abs=1e-6)


def test_the_summary_speaks_of_the_newest_whole_candle_and_says_so() -> None:
    stored()
    roll_up(ago=0, minutes=3)
    look()
    found = technical.summary(SYMBOL, "1h")
    assert (found.as_of, found.is_behind, found.counts["unknown"]) == (NOON - HOUR, True, 0)


def test_the_page_says_that_newer_candles_are_left_out(client: Client) -> None:
    stored()
    roll_up(ago=0, minutes=3)
    look()
    page = client.get(f"/instruments/{SYMBOL}/", {"interval": "1h"})
    assert b"Newer candles were recorded only in part and are left out." in page.content


@pytest.mark.parametrize("name", ["rsi", "rsi:21"])
def test_the_api_tells_which_candles_were_left_out(client: Client, name: str) -> None:
    stored()
    opens = roll_up(ago=2, minutes=3)
    look()
    requested.answer(SYMBOL, "1h", "rsi:21", 500, "")
    response = client.get(
        "/api/v1/indicators/", {"instrument": SYMBOL, "interval": "1h", "names": name}
    )
    (found,) = response.json()["indicators"]
    missing = [value["time"] for value in found["values"][30:] if value["rsi"] is None]
    assert found["left_out"] == missing == [clock.iso(opens)]


def test_a_frame_has_no_row_of_it() -> None:
    stored(5)
    opens = roll_up(ago=1, minutes=3)
    frame = research.frame(SYMBOL, "1h")
    assert len(frame) == 4
    assert opens not in frame.index
