"""Has the simulated market a past, the same each time, and nothing of it where prices are real?"""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection

from core import clock
from core.push import redis_client
from market import candles, simulated_past
from market.charts.watching import CANDLES
from market.simulation import SIMULATED
from tests.market.said import NOON
from tests.market.test_candles import store

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    redis_client().set(SIMULATED, '["BTC-USD"]')
    with clock.frozen(NOON):
        yield
    redis_client().delete(SIMULATED)


def test_a_fresh_site_has_a_day_of_minutes_from_a_full_hour_and_two_months_of_hours() -> None:
    assert sum(iter(simulated_past.recall, 0)) == 2
    lengths = {
        interval: len(candles.series("BTC-USD", interval, limit=5000).candles)
        for interval in candles.INTERVALS
    }
    assert lengths == {"1m": 1497, "5m": 299, "15m": 99, "1h": 1440, "4h": 360, "1d": 60}


def test_what_somebody_looks_at_comes_first() -> None:
    redis_client().set(SIMULATED, '["BTC-USD", "ETH-USD", "XRP-USD"]')
    redis_client().zadd(CANDLES, {"XRP-USD|1h": NOON.timestamp()})
    first, *_ = simulated_past._wanted()
    redis_client().delete(CANDLES)
    assert first.symbol == "XRP-USD"


def test_minutes_that_ran_stay_and_one_that_did_not_run_whole_is_made_good() -> None:
    ran, broken = (NOON - timedelta(minutes=ago) for ago in (5, 4))
    store("7", "simulated", interval="1m", at=ran)
    store("7", "simulated", interval="1m", at=broken, closed=False)
    simulated_past.recall()
    found = {one.open_time: one.close for one in candles.series("BTC-USD", "1m").candles}
    assert found[ran] == 7
    assert found[broken] > 1000


def test_an_instrument_with_real_prices_gets_none() -> None:
    redis_client().set(SIMULATED, "[]")
    assert simulated_past.recall() == 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM market_candle")
        assert cursor.fetchone() == (0,)
