"""Is the candle that forms what the minutes say, and closed once?"""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from core.push import redis_client
from market.candles import Candle
from market.charts import healed
from market.charts.live import Live, Stored, Watched
from market.charts.watching import CANDLES, channel
from tests.market.said import NOON, after, batch, memory, pair, tick

BEFORE = Candle(1, "reference", "1h", NOON, *map(Decimal, ("1.0", "2.0", "0.5", "1.5")))


def nothing(*place: object) -> Candle | None:
    return None


NOTHING = Stored(nothing, nothing)


def minute(price: str, at: datetime) -> Candle:
    opened = at.replace(second=0)
    flat = Decimal(price)
    return Candle(1, "reference", "1m", opened, flat, flat, flat, flat, closed=False)


def told(watched: Watched, one: Candle | None, at: datetime, stored: Stored = NOTHING) -> list[Any]:
    return [json.loads(frame) for frame in watched.frames(one, at, stored)]


def test_what_came_before_is_read_once_and_carried_on() -> None:
    watched, asked = Watched(pair("EUR-USD"), "1h"), []
    later = after(600)

    def so_far(*place: object) -> Candle:
        asked.append(place)
        return BEFORE

    (first,) = told(watched, minute("1.7", later), later, Stored(so_far, nothing))
    (second,) = told(watched, minute("3", after(660)), after(661))
    assert asked == [(1, "reference", "1h", NOON, later)]
    assert (first["open"], first["high"], first["low"], first["close"]) == ("1", "2", "0.5", "1.7")
    assert (second["high"], second["low"], second["close"]) == ("3", "0.5", "3")
    assert (first["instrument"], first["time"]) == ("EUR/USD", "2026-11-18T12:00:00.000Z")


def test_a_minute_that_was_healed_is_taken_in_at_once() -> None:
    watched, one = Watched(pair("EUR-USD"), "1h"), minute("1.7", after(600))
    healed = replace(BEFORE, high=Decimal(9))
    first, second = (
        told(watched, one, after(601), Stored(lambda *place, at=at: at, nothing))
        for at in (BEFORE, healed)
    )
    assert (first[0]["high"], second) == ("2", [])
    watched.hear(b"1")
    (frame,) = told(watched, one, after(602), Stored(lambda *place: healed, nothing))
    assert (frame["high"], frame["close"], frame["closed"]) == ("9", "1.7", False)
    watched.hear(b"1")
    assert told(watched, one, after(603)) == []


def test_the_volume_is_that_of_the_minutes_so_far_and_of_this_one() -> None:
    watched, before = Watched(pair("EUR-USD"), "1h"), replace(BEFORE, volume=Decimal(10))
    first, second = minute("1.7", after(600)), minute("1.8", after(660))
    told(watched, first, after(600), Stored(lambda *place: before, nothing))
    first.volume, second.volume = Decimal(3), Decimal("0.5")
    (frame,) = told(watched, second, after(661))
    assert frame["volume"] == "13.5"
    assert told(Watched(pair("EUR-USD"), "1h"), second, after(661))[0]["volume"] == "0.5"


def test_nothing_is_said_while_nothing_changes() -> None:
    watched, one = Watched(pair("EUR-USD"), "1m"), minute("1.7", NOON)
    assert len(told(watched, one, NOON)) == 1
    assert told(watched, one, after(1)) == []


def test_a_candle_that_is_over_is_said_closed_once() -> None:
    watched, one = Watched(pair("EUR-USD"), "1m"), minute("1.7", NOON)
    told(watched, one, NOON)
    one.close = one.high = Decimal("1.9")
    one.closed = True
    (closed,) = told(watched, one, after(60))
    assert (closed["closed"], closed["close"]) == (True, "1.9")
    (opened,) = told(watched, minute("2", after(60)), after(61))
    assert (opened["closed"], opened["open"], opened["time"]) == (
        *(False, "2", "2026-11-18T12:01:00.000Z"),
    )


def test_a_minute_that_did_not_run_whole_is_never_said_closed() -> None:
    watched, one = Watched(pair("EUR-USD"), "1m"), minute("1.7", NOON)
    told(watched, one, NOON)
    assert told(watched, one, after(60)) == []
    (opened,) = told(watched, minute("2", after(60)), after(61))
    assert (opened["closed"], opened["time"]) == (False, "2026-11-18T12:01:00.000Z")


def test_an_hour_that_is_over_is_said_as_it_was_rolled_up() -> None:
    watched, one = Watched(pair("EUR-USD"), "1h"), minute("1.7", after(3540))
    rolled: list[Candle] = []
    stored = Stored(nothing, lambda *place: rolled[0] if rolled else None)
    told(watched, one, after(3540), stored)
    assert told(watched, one, after(3600), stored) == []
    rolled.append(BEFORE)
    (closed,) = told(watched, one, after(3601), stored)
    assert (closed["closed"], closed["high"], closed["close"]) == (True, "2", "1.5")
    assert told(watched, one, after(3602), stored) == []


def test_an_hour_that_was_not_rolled_up_is_not_waited_for_for_ever() -> None:
    watched, asked = Watched(pair("EUR-USD"), "1h"), []
    stored = Stored(nothing, lambda *place: asked.append(place))
    told(watched, minute("1.7", after(3540)), after(3540), stored)
    for second in range(3600, 3660):
        assert told(watched, None, after(second), stored) == []
    assert len(asked) == 16


def test_a_market_gone_silent_long_ago_says_nothing() -> None:
    assert told(Watched(pair("EUR-USD"), "1m"), minute("1.7", NOON), after(600)) == []


def test_prices_of_another_market_are_not_carried_on() -> None:
    watched = Watched(pair("EUR-USD"), "1h")
    told(watched, replace(minute("9", NOON), source="simulated"), NOON)
    (real,) = told(watched, minute("1.7", after(60)), after(60))
    assert (real["open"], real["high"]) == ("1.7", "1.7")


@pytest.fixture
def heard() -> Iterator[Any]:
    client: Any = redis_client()
    with client.pubsub(ignore_subscribe_messages=True) as subscription:
        subscription.subscribe(channel("EUR-USD", "1m"))
        subscription.get_message(timeout=1)
        yield lambda: [
            json.loads(one["data"])
            for one in iter(lambda: subscription.get_message(timeout=0.2), None)
        ]
    client.delete(CANDLES)


def want(at: datetime) -> None:
    redis_client().zadd(CANDLES, {"EUR-USD|1m": at.timestamp(), "no|such": at.timestamp()})


def test_it_publishes_once_a_second_for_those_who_watch(heard: Any) -> None:
    known, live = memory(), Live()
    want(NOON)
    for at, price in ((0, "1.1"), (0.25, "1.1001"), (0.5, "1.1002"), (1.25, "1.1003")):
        known.take(batch(tick("EUR-USD", price), at=at))
        known.settle(after(at))
        live.send(known, NOTHING, at=after(at))
    frames = heard()
    assert len(frames) == 2
    assert {one["closed"] for one in frames} == {False}


def test_it_hears_of_what_was_healed(heard: Any) -> None:
    known, live = memory(), Live()
    redis_client().delete(healed.TIMES)
    for at in (0, 1, 2):
        want(after(at))
        known.take(batch(tick("EUR-USD"), at=at))
        known.settle(after(at))
        live.send(known, NOTHING, at=after(at))
        assert not live.watched["EUR-USD|1m"].unread
        redis_client().hincrby(healed.TIMES, "EUR-USD", 1)
    live.send(memory(), NOTHING, at=after(3))
    assert live.watched["EUR-USD|1m"].unread


def test_it_is_silent_when_nobody_watches(heard: Any) -> None:
    known, live = memory(), Live()
    want(NOON - timedelta(seconds=20))
    known.take(batch(tick("EUR-USD")))
    known.settle(NOON)
    live.send(known, NOTHING, at=NOON)
    assert heard() == []
