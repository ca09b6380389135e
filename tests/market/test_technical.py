"""Does the summary say what indicators say, with values and their age, and never more?"""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest

from core import clock
from core.errors import Code, Refused
from core.push import redis_client
from market import simulation, technical
from market.indicators import Bars, upkeep
from market.studies import STUDIES
from market.technical import Line, Summary
from tests.market.hours import SYMBOL, store
from tests.market.markets import bars, random_bars, still_bars
from tests.market.said import NOON

pytestmark = pytest.mark.django_db
ADVICE = re.compile(r"\b(buy|sell|should|recommend|go long|go short|opportunity)\b", re.IGNORECASE)


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    redis_client().delete(simulation.SIMULATED)
    with clock.frozen(NOON + timedelta(minutes=1)):
        yield


def told(market: Bars) -> Summary:
    store(market)
    upkeep.look(SYMBOL, "1h", None)
    return technical.summary(SYMBOL, "1h")


def line(summary: Summary, name: str) -> Line:
    return next(one for one in summary.lines if one.name == name)


def test_every_indicator_has_a_sentence_with_its_value_and_age() -> None:
    found = told(random_bars(300))
    assert [one.name for one in found.lines] == list(STUDIES)
    assert all(re.search(r"\d", one.sentence) for one in found.lines)
    assert found.as_of == NOON
    assert sum(found.counts.values()) == len(STUDIES)
    assert found.counts["unknown"] == 0


def test_a_rise_is_said_by_trend_and_momentum() -> None:
    found = told(bars([100 * 1.002**step * (1 + 0.001 * (step % 3)) for step in range(300)]))
    says = {one.name: one.says for one in found.lines}
    for name in ("sma", "ewma", "macd", "rsi", "adx", "aroon", "sar", "roc", "ichimoku", "obv"):
        assert says[name] == "up", (name, line(found, name))
    assert "stretched" in line(found, "rsi").sentence


def test_a_fall_is_said_the_other_way() -> None:
    found = told(bars([100 * 0.998**step * (1 - 0.001 * (step % 3)) for step in range(300)]))
    for name in ("sma", "ewma", "rsi", "adx", "aroon", "sar", "roc", "ichimoku", "obv"):
        assert line(found, name).says == "down", line(found, name)


def test_too_little_history_is_said_not_guessed() -> None:
    found = told(random_bars(15))
    assert line(found, "rsi").says != "unknown"
    assert line(found, "sma") == Line(
        *("sma", "Simple moving average", "unknown"),
        "Not enough history: it needs 20 candles, or the price did not move.",
    )


def test_before_anything_was_computed_all_is_unknown() -> None:
    found = technical.summary(SYMBOL, "1h")
    assert (found.as_of, found.counts["unknown"]) == (None, len(STUDIES))


def test_a_market_that_stands_still_points_nowhere() -> None:
    found = told(still_bars(300))
    assert {one.says for one in found.lines} == {"neutral", "unknown"}


def test_a_difference_too_small_to_be_shown_points_nowhere() -> None:
    found = told(bars([100 + 0.001 * (step % 2) for step in range(300)]))
    for name in ("sma", "ewma", "donchian", "roc"):
        assert line(found, name).says == "neutral", line(found, name)
        assert "0.00 %" not in line(found, name).sentence


@pytest.mark.parametrize("market", [random_bars(300), still_bars(300), random_bars(10)])
def test_it_never_gives_advice(market: Bars) -> None:
    assert not [one for one in told(market).lines if ADVICE.search(one.sentence)]


def test_it_refuses_an_interval_that_is_none() -> None:
    with pytest.raises(Refused) as refusal:
        technical.summary(SYMBOL, "2h")
    assert refusal.value.code is Code.MALFORMED
