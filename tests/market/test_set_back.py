"""The machine's clock is set back: do prices go on, and does none of the lost hour look new?"""

import threading
from datetime import timedelta

import pytest

from core import clock
from market import inbox, quotes, sources
from market.publisher import ClockSetBack
from tests.market.said import NOON, after, batch, tick
from tests.market.test_publisher import (
    Runs,
    empty_redis,
    price_of,
    runs,
    wait_for_the_lock_to_be_free,
    want,
)

__all__ = ["empty_redis", "runs"]
pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])

HOUR_S = 3600


def state_of(symbol: str) -> str:
    code, base = symbol.split("-")
    with clock.frozen(NOON):
        price = quotes.pair(code, base)
    assert price is not None
    return price.state


def test_the_writer_of_prices_ends_and_a_new_one_goes_on(runs: Runs) -> None:
    first = runs.start()
    first.watch.ahead_s += HOUR_S
    with pytest.raises(ClockSetBack):
        first.run(threading.Event())
    wait_for_the_lock_to_be_free()
    assert runs.start().writer.leads


def test_prices_of_the_lost_hour_are_stale_and_new_ones_are_taken(runs: Runs) -> None:
    first = runs.start(after(HOUR_S))
    inbox.append(batch(tick("EUR-USD", "1.25"), tick("GBP-USD", "1.5"), at=HOUR_S))
    first.beat(after(HOUR_S))
    first.writer.close()
    assert (state_of("EUR-USD"), state_of("GBP-USD")) == ("stale", "stale")
    wait_for_the_lock_to_be_free()
    want()
    second = runs.start(NOON)
    second.beat(NOON)
    inbox.append(batch(tick("EUR-USD", "1.251"), at=1))
    second.beat(after(1))
    assert price_of("EUR") == "0.7993605116"
    assert (state_of("EUR-USD"), state_of("GBP-USD")) == ("live", "stale")


def test_a_source_heard_in_the_lost_hour_alone_is_silent(runs: Runs) -> None:
    first = runs.start(after(HOUR_S))
    inbox.append(batch(tick("EUR-USD", "1.25"), at=HOUR_S))
    first.beat(after(HOUR_S))
    heard = sources.Source("kraken", last_success_at=after(HOUR_S))
    assert heard.state(NOON) == "silent"
    assert heard.state(after(HOUR_S) + timedelta(seconds=1)) == "ok"
