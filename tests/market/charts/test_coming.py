"""Does a chart say that its past is being made, and no longer once it is there?"""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import Client

from core import clock
from core.push import redis_client
from market import simulated_past
from market.charts import coming
from market.simulation import SIMULATED
from tests.market.said import NOON
from tests.market.test_candles import store

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    redis_client().delete(SIMULATED)
    with clock.frozen(NOON):
        yield
    coming.end("BTC-USD")
    redis_client().delete(SIMULATED)


def past(symbol: str = "BTC-USD", interval: str = "1h", **query: str | int) -> str:
    asked = {"instrument": symbol, "interval": interval, **query}
    answer = Client().get("/api/v1/candles/", asked)
    assert answer.status_code == 200, answer.content
    return str(answer.json()["past"])


def test_the_simulated_past_is_coming_until_it_was_made() -> None:
    redis_client().set(SIMULATED, '["BTC-USD"]')
    store("7", "simulated", interval="1h", at=NOON - timedelta(hours=1))
    assert [past(interval=one) for one in ("1m", "1h", "1d")] == ["coming"] * 3
    assert sum(iter(simulated_past.recall, 0)) == 2
    assert [past(interval=one) for one in ("1m", "1h", "1d")] == ["ready"] * 3


def test_a_venues_past_is_coming_while_it_is_asked() -> None:
    store("7", "kraken", interval="1h", at=NOON - timedelta(hours=1))
    assert past() == "ready"
    coming.begin("BTC-USD", "ETH-USD")
    assert (past(), past(limit=1), past(source="kraken")) == ("coming", "ready", "ready")
    coming.end("BTC-USD")
    assert past() == "ready"


def test_days_of_fiat_are_coming_until_the_fixings_are_there() -> None:
    assert past("EUR-USD", "1d") == "coming"
    store("1.1", "ecb", symbol="EUR-USD", interval="1d", at=NOON.replace(hour=0) - timedelta(1))
    assert past("EUR-USD", "1d") == "ready"


def test_pages_that_are_not_whole_yet_are_not_kept_by_caches() -> None:
    coming.begin("BTC-USD")
    query = {"instrument": "BTC-USD", "interval": "1h", "end": "2026-11-01T00:00:00Z"}
    answer = Client().get("/api/v1/candles/", query)
    assert answer["Cache-Control"] == "public, max-age=1"
