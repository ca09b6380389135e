"""The whole way of a price: asked of the venues by the real clients, judged, settled, shown."""

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from core import clock
from core.push import redis_client
from market import board, inbox, polling, quotes, sources
from market.feeds import replay
from market.inbox import Batch
from market.models import Rejection
from market.publisher import Publisher
from market.quotes import ReferencePrice
from tests.venue.server import VenueServer

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])

FEEDS = ("ecb", "kraken", "coinbase", "binance")


class Market:
    """A publisher that is asked for its beats, on a clock that stands still between them."""

    def __init__(self) -> None:
        self.at = clock.now()
        self.publisher = Publisher(feeds=list(FEEDS))
        with clock.frozen(self.at):
            assert self.publisher.lead(threading.Event())

    def pass_by(self, seconds: float, *polled: str) -> datetime:
        """Some time later these sources are polled, and the publisher beats."""
        self.at += timedelta(seconds=seconds)
        with clock.frozen(self.at):
            for name in polled:
                polling.poll(name)
            self.publisher.beat(self.at)
        return self.at

    def price(self, symbol: str) -> ReferencePrice:
        with clock.frozen(self.at):
            return quotes.latest()[symbol]


@pytest.fixture
def market() -> Iterator[Market]:
    for pattern in ("market:*", "board:*"):
        for key in redis_client().scan_iter(pattern):
            redis_client().delete(key)
    polling._feed.cache_clear()
    started = Market()
    yield started
    started.publisher.writer.close()


def test_a_price_at_the_venues_reaches_the_board(world: VenueServer, market: Market) -> None:
    world.kraken.price("USD-CHF", bid="0.82290", ask="0.82300")
    market.pass_by(1, *FEEDS)
    with clock.frozen(market.at):
        rows = {row.code: row for row in board.snapshot("USD").rows}
    assert (rows["CHF"].state, rows["CHF"].price, rows["CHF"].source) == (
        *("live", "0.82295", "kraken"),
    )
    assert (rows["HKD"].state, rows["HKD"].source) == ("reference", "ecb")
    assert rows["BTC"].state == "live"
    assert not any(row.simulated for row in rows.values())


def test_a_jump_of_one_source_moves_the_price_by_less_than_a_basis_point(
    world: VenueServer, market: Market
) -> None:
    market.pass_by(1, *FEEDS)
    before = market.price("BTC-USD").mid
    world.kraken.spoil("spike", "BTC-USD")
    market.pass_by(5, *FEEDS)
    during = market.price("BTC-USD")
    assert during.state == "live"
    assert abs(during.mid / before - 1) < Decimal("0.0001")
    world.kraken.heal()
    market.pass_by(5, *FEEDS)
    after = market.price("BTC-USD")
    assert (after.state, after.mid) == ("live", before)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("nan", "nan"),
        ("infinity", "infinite"),
        ("text", "text"),
        ("zero", "zero"),
        ("negative", "negative"),
        ("crossed", "bid_above_ask"),
        ("missing_field", "missing_field"),
        ("spike", "jump"),
    ],
)
def test_a_bad_figure_is_kept_as_a_rejection_and_never_as_a_price(
    world: VenueServer, market: Market, fault: str, reason: str
) -> None:
    market.pass_by(1, "coinbase")
    before = market.price("BTC-USD").mid
    world.coinbase.spoil(fault, "BTC-USD")
    market.pass_by(5, "coinbase")
    row = Rejection.objects.get(source="coinbase", symbol="BTC-USD")
    assert (row.reason, row.count) == (reason, 1)
    assert market.price("BTC-USD").mid == before


def test_a_world_that_falls_silent_is_stale_in_ten_seconds(
    world: VenueServer, market: Market
) -> None:
    market.pass_by(1, *FEEDS)
    for venue in (world.kraken, world.coinbase, world.binance):
        venue.spoil("down")
    market.pass_by(10.5, "kraken", "coinbase", "binance")
    assert market.price("BTC-USD").state == "stale"
    for venue in (world.kraken, world.coinbase, world.binance):
        venue.heal()
    market.pass_by(5, "kraken", "coinbase", "binance")
    assert market.price("BTC-USD").state == "live"
    trouble = {one.name: one.last_problem for one in sources.health()}
    assert trouble["kraken"] == "unreachable"


def test_the_simulated_market_ends_with_the_first_real_price(
    world: VenueServer, market: Market
) -> None:
    for venue in world.venues.values():
        venue.spoil("down")
    market.pass_by(21, *FEEDS)
    ticks = tuple(replay.ticks(["BTC-USD", "EUR-USD"], int(market.at.timestamp())))
    inbox.append(Batch("replay", "socket", market.at, ticks=ticks))
    market.pass_by(0.25)
    assert (market.price("BTC-USD").simulated, market.price("EUR-USD").simulated) == (True, True)
    world.coinbase.heal()
    market.pass_by(5, "coinbase")
    assert (market.price("BTC-USD").simulated, market.price("EUR-USD").simulated) == (False, True)
    assert market.price("BTC-USD").mid == Decimal("68901.25")
