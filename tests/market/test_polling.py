"""Polls: one at a time, left alone when asked to, everything into the inbox."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from core import clock
from core.push import redis_client
from market import inbox, polling
from market.inbox import Batch
from tests.venue.server import VenueServer

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_memory() -> Iterator[None]:
    """Neither Redis nor this process remembers earlier polls."""
    for pattern in ("market:polling:*", "market:quiet:*", "market:seed*", inbox.STREAM):
        for key in redis_client().scan_iter(pattern):
            redis_client().delete(key)
    polling._feed.cache_clear()
    yield
    polling._feed.cache_clear()


def batches() -> list[Batch]:
    return [batch for _, batch in inbox.read("0-0")]


def test_a_poll_hands_on_what_came_back(world: VenueServer) -> None:
    assert polling.poll("coinbase") == "answered"
    (batch,) = batches()
    assert (batch.source, batch.transport, batch.problem) == ("coinbase", "rest", None)
    assert "BTC-USD" in {tick.symbol for tick in batch.ticks}


def test_a_poll_without_an_answer_is_handed_on_too(world: VenueServer) -> None:
    world.coinbase.spoil("html")
    assert polling.poll("coinbase") == "html_body"
    (batch,) = batches()
    assert (batch.problem, batch.ticks) == ("html_body", ())
    assert "Just a moment" in batch.detail


def test_a_second_poll_in_flight_does_nothing(world: VenueServer) -> None:
    with redis_client().lock("market:polling:coinbase", timeout=5):
        assert polling.poll("coinbase") == "in flight"
    assert (batches(), world.coinbase.requests) == ([], [])


def test_a_source_that_says_wait_is_left_alone(world: VenueServer) -> None:
    world.coinbase.spoil("rate_limit_429")
    assert polling.poll("coinbase") == "rate_limited"
    world.coinbase.heal()
    asked = len(world.coinbase.requests)
    assert polling.poll("coinbase") == "left alone"
    assert len(world.coinbase.requests) == asked
    assert 6 <= redis_client().ttl("market:quiet:coinbase") <= 7


def test_a_source_that_refuses_is_left_alone_for_long(world: VenueServer) -> None:
    world.binance.spoil("ban_451")
    polling.poll("binance")
    assert redis_client().ttl("market:quiet:binance") > 890


def test_a_failure_that_took_long_rests_as_long(
    world: VenueServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(polling, "SLOW_S", 0.1)
    world.coinbase.spoil("slow")
    world.coinbase.spoil("html")
    assert polling.poll("coinbase") == "html_body"
    assert 500 < redis_client().pttl("market:quiet:coinbase") < 3000


def test_the_others_go_on(world: VenueServer) -> None:
    world.binance.spoil("ban_403")
    assert [polling.poll("binance"), polling.poll("coinbase")] == ["refused_here", "answered"]


def test_the_central_bank_is_left_alone_between_fixings(world: VenueServer) -> None:
    with clock.frozen(datetime(2026, 11, 20, 9, tzinfo=UTC)):
        assert [polling.poll("ecb"), polling.poll("ecb")] == ["answered", "left alone"]
    assert len(batches()[0].fixings) > 60
    assert 3590 <= redis_client().ttl("market:quiet:ecb") <= 3600


def test_a_source_that_is_switched_off_is_not_asked(
    world: VenueServer,
    settings,
) -> None:
    settings.FEEDS = ["ecb", "kraken"]
    assert polling.poll("coinbase") == "not configured"
    assert polling.seed("coinbase") == "not configured"
    assert world.coinbase.requests == []


def test_past_days_are_fetched_once_a_day(world: VenueServer) -> None:
    world.coinbase.quotes = {"BTC-USD": ("1", "2"), "ETH-USD": ("3", "4")}
    assert polling.seed("coinbase") == "seeded"
    assert {batch.candles[0].symbol for batch in batches()} == {"BTC-USD", "ETH-USD"}
    assert {len(batch.candles) for batch in batches()} == {31}
    asked = len(world.coinbase.requests)
    assert polling.seed("coinbase") == "nothing to do"
    assert len(world.coinbase.requests) == asked


def test_days_are_fetched_again_once_the_writer_of_prices_has_started(world: VenueServer) -> None:
    world.coinbase.quotes = {"BTC-USD": ("1", "2")}
    polling.seed("coinbase")
    polling.seed_again()
    assert polling.seed("coinbase") == "seeded"


def test_past_days_that_failed_are_fetched_later(world: VenueServer) -> None:
    world.coinbase.quotes = {"BTC-USD": ("1", "2")}
    world.coinbase.spoil("error_5xx")
    assert polling.seed("coinbase") == "unreachable"
    assert batches() == []
    world.coinbase.heal()
    assert polling.seed("coinbase") == "seeded"
