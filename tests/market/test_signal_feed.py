"""Are signals stored once, of closed candles alone, and handed out newest first?"""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from core import clock
from core.errors import Code, Refused
from core.push import redis_client
from market import candle_store, candles, catalog, signal_feed, simulation
from market.candles import Candle
from market.indicators import upkeep
from market.models import Signal
from market.studies import shelf
from tests.market.hours import HOUR, SYMBOL, store, stored
from tests.market.markets import random_bars
from tests.market.said import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    redis_client().delete(simulation.SIMULATED)
    with clock.frozen(NOON + timedelta(minutes=1)):
        yield


def look() -> bool:
    pair = catalog.instrument(SYMBOL)
    return upkeep.look(SYMBOL, "1h", shelf.states().get((pair.id, "1h")))


def keys() -> list[tuple[Any, ...]]:
    return list(Signal.objects.order_by("time", "kind").values_list("time", "kind", "sentence"))


def test_what_happened_at_closed_candles_is_stored() -> None:
    stored(300)
    look()
    found = signal_feed.recent(SYMBOL, "1h")
    assert found
    assert found == signal_feed.recent()
    assert [one.time for one in found] == sorted((one.time for one in found), reverse=True)
    assert {(one.symbol, one.interval, one.simulated) for one in found} == {(SYMBOL, "1h", False)}


def test_a_candle_of_too_few_minutes_is_passed_over() -> None:
    stored(300)
    look()
    told = {time for time, *_ in keys()}
    Signal.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM market_study_state")
        cursor.execute("UPDATE market_candle SET minutes = 1 WHERE open_time = %s", [max(told)])
    look()
    assert {time for time, *_ in keys()} == told - {max(told)}


def test_looking_again_at_the_same_candles_doubles_nothing() -> None:
    stored(300)
    look()
    first = keys()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM market_study")
        cursor.execute("DELETE FROM market_study_state")
    look()
    assert keys() == first


def heal(place: int, *, factor: float, hours: int) -> None:
    """The candle was another one than we thought; noticed at the next full look."""
    bars = random_bars(300)
    for line in (bars.open, bars.high, bars.low, bars.close):
        line[place] *= factor
    store(bars)
    with clock.frozen(NOON + HOUR * hours):
        look()


def test_a_signal_of_wrong_data_is_taken_back_once_the_candle_is_healed() -> None:
    heal(290, factor=5, hours=1)
    wrong = {one.id for one in signal_feed.recent(SYMBOL, "1h", 500)}
    heal(290, factor=1, hours=2)
    right = {one.id for one in signal_feed.recent(SYMBOL, "1h", 500)}
    assert wrong - right
    Signal.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM market_study_state")
    look()
    assert {one.id for one in signal_feed.recent(SYMBOL, "1h", 500)} == right


def test_a_signal_that_holds_keeps_its_id_and_tells_the_right_figures() -> None:
    heal(290, factor=5, hours=1)
    wrong = {one.id: one for one in signal_feed.recent(SYMBOL, "1h", 500)}
    found_at = dict(Signal.objects.values_list("public_id", "found_at"))
    heal(290, factor=6, hours=2)
    kept = {one.id: one for one in signal_feed.recent(SYMBOL, "1h", 500) if one.id in wrong}
    changed = [one for one in kept if kept[one].evidence != wrong[one].evidence]
    assert changed
    assert {found_at[one] for one in kept} == {
        Signal.objects.get(public_id=one).found_at for one in kept
    }


def test_candle_by_candle_the_same_happens_as_all_at_once() -> None:
    bars = random_bars(300, seed=4)
    store(bars.where(slice(280)), ago=20)
    look()
    for count in range(281, 301):
        store(bars.where(slice(count)), ago=300 - count)
        with clock.frozen(NOON + timedelta(minutes=count - 279)):
            look()
    in_steps = keys()
    Signal.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM market_study_state")
    look()
    assert keys() == in_steps


def test_the_forming_candle_is_never_looked_at() -> None:
    stored(300)
    pair = catalog.instrument(SYMBOL)
    wild = [Decimal(price) for price in ("100", "9000", "1", "9000", "10000000")]
    with connection.cursor() as cursor:
        candle_store.write(cursor, [Candle(pair.id, "reference", "1m", NOON, *wild, closed=False)])
    assert candles.series(SYMBOL, "1h").forming is not None
    look()
    assert not Signal.objects.filter(time__gte=NOON).exists()


def test_old_signals_of_short_intervals_are_let_go() -> None:
    stored(300)
    look()
    assert Signal.objects.filter(interval="1h").update(interval="1m")
    signal_feed.forget(SYMBOL, "1m", at=NOON)
    kept = Signal.objects.values_list("time", flat=True)
    assert min(kept) >= NOON - timedelta(days=3)


def test_simulated_and_real_events_are_told_apart() -> None:
    stored(300, source=candles.SIMULATED)
    redis_client().set(simulation.SIMULATED, f'["{SYMBOL}"]')
    look()
    simulated = Signal.objects.filter(simulated=True).count()
    stored(300)
    redis_client().delete(simulation.SIMULATED)
    with clock.frozen(NOON + HOUR):
        look()
    assert Signal.objects.filter(simulated=False).count() == simulated > 0


def test_simulated_events_are_not_shown_once_the_price_is_real() -> None:
    stored(300, source=candles.SIMULATED)
    redis_client().set(simulation.SIMULATED, f'["{SYMBOL}"]')
    look()
    assert signal_feed.recent(SYMBOL, "1h") == signal_feed.recent() != ()
    redis_client().delete(simulation.SIMULATED)
    assert signal_feed.recent(SYMBOL, "1h") == signal_feed.recent() == ()


def test_programs_read_page_by_page_the_latest_first(client: Client) -> None:
    stored(300)
    look()
    address = "/api/v1/signals/?instrument=btc/usd&interval=1h&limit=7"
    pages = []
    while address:
        page = client.get(address).json()
        pages += page["results"]
        address = page["next"]
    assert len(pages) == Signal.objects.count() == len({one["id"] for one in pages})
    assert [one["time"] for one in pages] == sorted((o["time"] for o in pages), reverse=True)
    assert pages[0]["instrument"] == "BTC/USD"
    assert isinstance(pages[0]["strength"], str)
    assert all(isinstance(value, str) for value in pages[0]["evidence"].values())


def test_those_before_a_moment_are_left_out(client: Client) -> None:
    stored(300)
    look()
    times = sorted(Signal.objects.values_list("time", flat=True))
    query = f"instrument=btc-usd&interval=1h&limit=500&since={clock.iso(times[3])}"
    told = client.get(f"/api/v1/signals/?{query}").json()["results"]
    assert len(told) == sum(time >= times[3] for time in times) < len(times)
    assert min(one["time"] for one in told) == clock.iso(times[3])


def test_short_intervals_are_told_only_where_asked_for(client: Client) -> None:
    stored(300)
    look()
    count = Signal.objects.update(interval="5m")
    assert client.get("/api/v1/signals/").json()["results"] == []
    assert len(client.get("/api/v1/signals/?interval=5m&limit=500").json()["results"]) == count


NONSENSE = ("interval=2h", "since=now", "since=", "cursor=cD0xMg==", "cursor=cD14")
LIMITS = ("limit=0", "limit=501", f"limit={10**22}")


@pytest.mark.parametrize("query", [*NONSENSE, *LIMITS])
def test_it_refuses_what_makes_no_sense(client: Client, query: str) -> None:
    answer = client.get(f"/api/v1/signals/?{query}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "malformed")


def test_an_unknown_instrument_is_not_found() -> None:
    with pytest.raises(Refused) as refusal:
        signal_feed.recent("EUR-XXX")
    assert refusal.value.code is Code.NOT_FOUND


def test_programs_may_keep_signals_for_some_seconds(client: Client) -> None:
    assert client.get("/api/v1/signals/")["Cache-Control"] == "public, max-age=10"
