"""Is there one writer of prices, whom neither Redis nor PostgreSQL nor a restart confuses?"""

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any, cast

import pytest
from django.db import connection

from core import clock
from core.push import heartbeats, redis_client
from market import board, catalog, fixings, inbox, quotes, simulation, sources
from market.candles import Candle
from market.fixings import Fixing
from market.frames import EPOCH
from market.models import Currency
from market.models import Rejection as RejectionRow
from market.publisher import Publisher
from market.writer import LEADERSHIP, Deposed
from tests.market.said import MIDNIGHT, NOON, after, batch, book, tick

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])

LEADERS = (
    "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = %s AND database ="
    " (SELECT oid FROM pg_database WHERE datname = current_database())"
)


@pytest.fixture(autouse=True)
def empty_redis() -> Iterator[None]:
    sweep()
    yield
    sweep()


def sweep() -> None:
    """Nothing of one test's market is there for the next."""
    client = redis_client()
    for keys in ("market:*", "board:*", "alive:*"):
        for key in client.scan_iter(keys):
            client.delete(key)


def wait_for_the_lock_to_be_free() -> None:
    """A connection's end frees its locks a moment later."""
    deadline = time.monotonic() + 5
    with connection.cursor() as cursor:
        while time.monotonic() < deadline:
            cursor.execute(LEADERS, [LEADERSHIP])
            if cursor.fetchone() is None:
                return
            time.sleep(0.02)


class Runs:
    """Publishers of one test, ended with it."""

    def __init__(self) -> None:
        self.all: list[Publisher] = []

    def start(self, at: datetime = NOON, *feeds: str) -> Publisher:
        publisher = Publisher(feeds=list(feeds or ("kraken",)))
        self.all.append(publisher)
        with clock.frozen(at):
            assert publisher.lead(threading.Event())
        return publisher


@pytest.fixture
def runs() -> Iterator[Runs]:
    """With two days of fixings, which spares the start from loading thirty years of them."""
    with connection.cursor() as cursor:
        known = book()
        fixings.store(cursor, [Fixing(day, known.rates[day]) for day in known.days])
    started = Runs()
    yield started
    for publisher in started.all:
        publisher.writer.close()


def count(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        return int(cursor.fetchone()[0])


def price_of(code: str, base: str = "USD") -> str | None:
    (found,) = (row for row in board.snapshot(base).rows if row.code == code)
    return found.price


def listen(base: str = "USD") -> Any:
    pubsub = cast(Any, redis_client()).pubsub(ignore_subscribe_messages=True)
    pubsub.subscribe(board.channel(base))
    pubsub.get_message(timeout=1)
    return pubsub


def frames(pubsub: Any) -> list[dict[str, Any]]:
    found = []
    while (message := pubsub.get_message(timeout=0.05)) is not None:
        found.append(json.loads(message["data"]))
    return found


def want(base: str = "USD", at: float = 0) -> None:
    board.want(base, at=after(at))


class TestFrames:
    def test_a_price_becomes_a_board_on_every_base(self, runs: Runs) -> None:
        publisher = runs.start()
        inbox.append(batch(tick("EUR-USD", "1.25"), tick("USD-JPY", "160")))
        publisher.beat(NOON)
        assert (price_of("EUR"), price_of("JPY"), price_of("JPY", "EUR")) == ("0.8", "160", "200")
        assert board.snapshot("THB").seq == 1
        with clock.frozen(NOON):
            assert quotes.pair("EUR", "JPY").mid == Decimal(200)

    def test_a_delta_carries_only_what_changed(self, runs: Runs) -> None:
        publisher, heard = runs.start(), listen()
        want()
        inbox.append(batch(tick("EUR-USD", "1.25"), tick("USD-JPY", "160")))
        publisher.beat(NOON)
        inbox.append(batch(tick("EUR-USD", "1.251"), at=1))
        publisher.beat(after(1))
        snapshot, delta = frames(heard)
        assert (snapshot["type"], snapshot["seq"], len(snapshot["rows"])) == ("snapshot", 1, 31)
        assert (delta["type"], delta["base"], delta["seq"]) == ("delta", "USD", 2)
        assert delta["epoch"] == snapshot["epoch"] == publisher.frames.epoch
        assert [row["code"] for row in delta["rows"]] == ["EUR"]
        assert board.snapshot("USD").seq == 2

    def test_a_base_that_moved_moves_its_whole_board(self, runs: Runs) -> None:
        publisher, heard = runs.start(), listen("EUR")
        want("EUR")
        inbox.append(batch(tick("EUR-USD", "1.25"), tick("USD-JPY", "160")))
        publisher.beat(NOON)
        inbox.append(batch(tick("EUR-USD", "1.251"), at=1))
        publisher.beat(after(1))
        _, delta = frames(heard)
        assert {"USD", "JPY"} <= {row["code"] for row in delta["rows"]}

    def test_nothing_goes_out_when_nothing_changed(self, runs: Runs) -> None:
        publisher, heard = runs.start(), listen()
        want()
        publisher.beat(NOON)
        publisher.beat(after(1))
        assert [frame["type"] for frame in frames(heard)] == ["snapshot"]

    def test_a_beat_goes_out_every_five_seconds(self, runs: Runs) -> None:
        publisher, heard = runs.start(), listen()
        for at in (0, 2, 5, 7, 10):
            publisher.beat(after(at))
        beats = [frame for frame in frames(heard) if frame["type"] == "beat"]
        assert [frame["now"] for frame in beats] == [clock.iso(after(5)), clock.iso(after(10))]
        assert beats[0].keys() == {"type", "base", "epoch", "seq", "now"}

    def test_bases_nobody_looks_at_follow_every_five_seconds(self, runs: Runs) -> None:
        publisher = runs.start()
        publisher.beat(NOON)
        want("EUR", at=1)
        inbox.append(batch(tick("USD-JPY", "160"), tick("EUR-USD", "1.25"), at=1))
        publisher.beat(after(1))
        assert (price_of("JPY", "EUR"), price_of("JPY")) == ("200", "156.25")
        publisher.beat(after(5))
        assert price_of("JPY") == "160"

    def test_a_sign_of_life_is_left_every_second(self, runs: Runs) -> None:
        runs.start().beat(NOON)
        age_s = heartbeats.age_s("publisher")
        assert age_s is not None
        assert age_s < 5

    def test_a_currency_switched_off_leaves_the_board(self, runs: Runs) -> None:
        publisher, heard = runs.start(), listen()
        want()
        publisher.beat(NOON)
        Currency.objects.filter(code="JPY").update(is_active=False)
        want(at=31)
        publisher.beat(after(31))
        newest = frames(heard)[-2]
        assert newest["type"] == "snapshot"
        assert "JPY" not in {row["code"] for row in newest["rows"]}
        assert board.snapshot_text("JPY") is None
        catalog.forget()


class TestStore:
    def test_everything_said_is_stored_with_the_place_it_was_read_to(self, runs: Runs) -> None:
        publisher = runs.start()
        inbox.append(batch(tick(), tick("BTC-USD", "70000"), tick("GBP-USD", bid="NaN")))
        publisher.beat(NOON)
        assert (count("market_tick"), count("market_inbox_position")) == (2, 1)
        assert RejectionRow.objects.get().reason == "nan"
        (health,) = sources.health()
        assert (health.name, health.accepted, health.rejected, health.state) == (
            *("kraken", 2, 1, "ok"),
        )

    def test_the_database_away_for_a_while_loses_nothing(self, runs: Runs) -> None:
        publisher = runs.start()
        publisher.beat(NOON)
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT pg_terminate_backend(pid) FROM ({LEADERS}) l", [LEADERSHIP])
        wait_for_the_lock_to_be_free()
        inbox.append(batch(tick("EUR-USD", "1.25"), at=1))
        publisher.beat(after(1))
        assert (price_of("EUR"), count("market_tick")) == ("0.8928571429", 0)
        wait_for_the_lock_to_be_free()
        publisher.retry_at = 0
        inbox.append(batch(tick("EUR-USD", "1.251"), at=5))
        publisher.beat(after(5))
        assert (price_of("EUR"), count("market_tick")) == ("0.7993605116", 2)

    def test_what_the_database_refuses_stops_nothing_that_comes_after(self, runs: Runs) -> None:
        publisher = runs.start()
        assert publisher.known is not None
        nothing = Decimal(0)
        publisher.known.pending.candles.append(Candle(0, "x", "1m", NOON, *[nothing] * 4))
        inbox.append(batch(tick("EUR-USD", "1.25")))
        publisher.beat(NOON)
        assert (price_of("EUR"), count("market_tick")) == ("0.8", 0)
        inbox.append(batch(tick("EUR-USD", "1.251"), at=1))
        publisher.beat(after(1))
        assert count("market_tick") == 1

    def test_a_misshapen_batch_stops_nothing_that_comes_after(self, runs: Runs) -> None:
        publisher = runs.start()
        inbox.append(replace(batch(), fixings=cast(Any, ({"date": 1, "rates": []},))))
        inbox.append(batch(tick("EUR-USD", "1.25")))
        publisher.beat(NOON)
        assert (price_of("EUR"), count("market_tick")) == ("0.8", 1)

    def test_redis_away_loses_nothing_either(self, runs: Runs, settings: Any) -> None:
        publisher = runs.start()
        want()
        inbox.append(batch(tick("EUR-USD", "1.25")))
        address = settings.REDIS_URL
        redis_client.cache_clear()
        settings.REDIS_URL = "unix:///nowhere"
        publisher.beat(NOON)
        redis_client.cache_clear()
        settings.REDIS_URL = address
        publisher.beat(after(1))
        assert (price_of("EUR"), count("market_tick")) == ("0.8", 1)

    def test_an_emptied_redis_is_full_again_at_the_next_beat(self, runs: Runs) -> None:
        publisher = runs.start()
        inbox.append(batch(tick("EUR-USD", "1.25")))
        publisher.beat(NOON)
        redis_client().flushall()
        publisher.beat(after(1))
        assert (price_of("EUR"), price_of("EUR", "GBP")) == ("0.8", None)
        assert cast(bytes, redis_client().get(EPOCH)).decode() == publisher.frames.epoch
        with clock.frozen(after(1)):
            assert quotes.latest()["EUR-USD"].mid == Decimal("1.25")
        inbox.append(batch(tick("EUR-USD", "1.251"), at=2))
        publisher.beat(after(2))
        assert count("market_tick") == 2


class TestRestart:
    def test_last_prices_come_back_and_are_stale(self, runs: Runs) -> None:
        first = runs.start()
        inbox.append(batch(tick("EUR-USD", "1.25")))
        first.beat(NOON)
        first.writer.close()
        wait_for_the_lock_to_be_free()
        redis_client().flushall()
        second = runs.start(after(60))
        second.beat(after(60))
        (euro,) = (row for row in board.snapshot("USD").rows if row.code == "EUR")
        assert (euro.price, euro.state, euro.as_of) == ("0.8", "stale", clock.iso(NOON))

    def test_a_new_publisher_begins_a_new_epoch(self, runs: Runs) -> None:
        first = runs.start()
        first.beat(NOON)
        first.writer.close()
        wait_for_the_lock_to_be_free()
        second = runs.start(after(60))
        second.beat(after(60))
        assert board.snapshot("USD").epoch == second.frames.epoch != first.frames.epoch
        assert board.snapshot("USD").seq == 1

    def test_nothing_is_read_twice(self, runs: Runs) -> None:
        first = runs.start()
        inbox.append(batch(tick("EUR-USD", "1.25")))
        first.beat(NOON)
        first.writer.close()
        wait_for_the_lock_to_be_free()
        inbox.append(batch(tick("EUR-USD", "1.26"), at=30))
        second = runs.start(after(31))
        second.beat(after(31))
        assert count("market_tick") == 2
        assert price_of("EUR") == "0.7936507937"

    def test_todays_extremes_come_back_from_the_minutes(self, runs: Runs) -> None:
        first, since = runs.start(), NOON - MIDNIGHT
        for at, mid in ((0, "160"), (60, "160.5"), (120, "160.2")):
            inbox.append(batch(tick("USD-JPY", mid), tick("EUR-USD", "1.25"), at=at))
            first.beat(after(at))
        first.writer.close()
        wait_for_the_lock_to_be_free()
        second = runs.start(after(180))
        inbox.append(batch(tick("USD-JPY", "160.1"), tick("EUR-USD", "1.25"), at=180))
        second.beat(after(180))
        (yen,) = (row for row in board.snapshot("USD").rows if row.code == "JPY")
        assert (yen.high, yen.low) == ("160.5", "160")
        assert yen.since == clock.iso(MIDNIGHT + since)
        (cross,) = (row for row in board.snapshot("EUR").rows if row.code == "JPY")
        assert (cross.high, cross.low) == ("200.625", "200")

    def test_the_change_is_against_the_last_price_before_midnight(self, runs: Runs) -> None:
        first, late = runs.start(), 12 * 3600
        inbox.append(batch(tick("USD-JPY", "150"), at=late - 30))
        first.beat(after(late - 30))
        first.writer.close()
        wait_for_the_lock_to_be_free()
        second = runs.start(after(late + 30))
        inbox.append(batch(tick("USD-JPY", "153"), at=late + 30))
        second.beat(after(late + 30))
        (yen,) = (row for row in board.snapshot("USD").rows if row.code == "JPY")
        assert yen.change_pct == "2"

    def test_an_instrument_once_real_is_never_simulated_again(self, runs: Runs) -> None:
        first = runs.start(NOON, "replay", "kraken")
        inbox.append(batch(tick("EUR-USD", "1.25")))
        first.beat(NOON)
        first.writer.close()
        wait_for_the_lock_to_be_free()
        second = runs.start(after(3600), "replay", "kraken")
        second.beat(after(3600))
        assert "EUR-USD" not in simulation.symbols()
        assert "USD-JPY" in simulation.symbols()


class TestOneWriter:
    def test_a_second_one_waits_until_the_first_is_gone(self, runs: Runs) -> None:
        first, second = runs.start(), Publisher(feeds=[])
        runs.all.append(second)
        assert not second.writer.lead()
        first.writer.close()
        wait_for_the_lock_to_be_free()
        assert second.writer.lead()

    def test_one_that_lost_the_lock_stops_before_it_writes(self, runs: Runs) -> None:
        first, second = runs.start(), Publisher(feeds=[])
        runs.all.append(second)
        first.writer.close()
        wait_for_the_lock_to_be_free()
        assert second.writer.lead()
        inbox.append(batch(tick()))
        with pytest.raises(Deposed):
            first.beat(NOON)
        assert count("market_tick") == 0

    def test_one_whose_epoch_is_over_stops_before_it_publishes(self, runs: Runs) -> None:
        publisher = runs.start()
        publisher.beat(NOON)
        redis_client().set(EPOCH, "another")
        inbox.append(batch(tick("EUR-USD", "1.25"), at=1))
        with pytest.raises(Deposed):
            publisher.beat(after(1))
        assert price_of("EUR") == "0.8928571429"

    def test_it_stores_what_is_left_when_told_to_stop(self, runs: Runs) -> None:
        publisher, stop = runs.start(), threading.Event()
        stop.set()
        with clock.frozen(NOON):
            inbox.append(batch(tick()))
            publisher.run(stop)
        assert count("market_tick") == 1
        assert count("market_candle") == 2


def test_the_bundled_fixings_are_there_after_the_first_start(runs: Runs) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM market_fixing")
    publisher = runs.start()
    publisher.beat(NOON)
    assert count("market_fixing") > 200_000
    (krona,) = (row for row in board.snapshot("USD").rows if row.code == "SEK")
    assert krona.price is not None
    assert krona.source == "ecb"
