"""Streams of Kraken, Coinbase and Binance through the real ccxt.pro client."""

import asyncio
import json

import pytest

from market.feeds.binance import Binance
from market.feeds.coinbase import Coinbase
from market.feeds.kraken import Kraken
from market.feeds.venue import VenueFeed
from market.inbox import RawTick
from tests import recorded
from tests.market.feeds.listeners import SYMBOLS, Listen
from tests.venue.server import VenueServer


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("venue", "symbol", "bid"),
    [
        (Kraken, "BTC-USD", 68900.0),
        (Coinbase, "BTC-USD", "68901.00"),
        (Binance, "BTC-USDT", "68910.01"),
    ],
)
async def test_prices_arrive_as_they_were_said(
    world: VenueServer, listen: Listen, venue: type[VenueFeed], symbol: str, bid: object
) -> None:
    listener = listen(venue())
    await listener.until(lambda: len({tick.symbol for tick in listener.ticks()}) == 2)
    tick = next(tick for tick in listener.ticks() if tick.symbol == symbol)
    assert tick.bid == bid
    assert tick.as_of is not None
    assert listener.batches[0].transport == "socket"


@pytest.mark.asyncio
async def test_a_price_set_now_is_heard_at_once(world: VenueServer, listen: Listen) -> None:
    listener = listen(Coinbase())
    await listener.until(listener.ticks)
    world.coinbase.price("ETH-USD", bid="2200.00", ask="2200.01")
    await listener.until(lambda: any(tick.bid == "2200.00" for tick in listener.ticks()))


@pytest.mark.asyncio
@pytest.mark.parametrize("fault", ["ws_silent", "truncated"])
async def test_a_silent_stream_is_left_and_dialled_again(
    world: VenueServer, listen: Listen, fault: str
) -> None:
    listener = listen(Coinbase())
    await listener.until(listener.ticks)
    world.coinbase.spoil(fault)
    await listener.until(listener.problems)
    assert listener.problems()[0].detail == "silent for 0.6 s"
    world.coinbase.heal()
    heard = len(listener.ticks())
    await listener.until(lambda: len(listener.ticks()) > heard)
    assert world.coinbase.requests.count("websocket") >= 2


@pytest.mark.asyncio
@pytest.mark.parametrize("fault", ["ws_drop", "ws_refused"])
async def test_a_dropped_stream_is_dialled_again(
    world: VenueServer, listen: Listen, fault: str
) -> None:
    listener = listen(Coinbase())
    await listener.until(listener.ticks)
    world.coinbase.spoil("ws_drop")
    world.coinbase.spoil(fault)
    await listener.until(lambda: len(listener.problems()) >= 2)
    assert {batch.problem for batch in listener.problems()} == {"unreachable"}
    world.coinbase.heal()
    heard = len(listener.ticks())
    await listener.until(lambda: len(listener.ticks()) > heard)


@pytest.mark.asyncio
async def test_a_refused_stream_is_left_alone(world: VenueServer, listen: Listen) -> None:
    feed = Binance()
    await asyncio.to_thread(feed.listed, SYMBOLS)
    world.binance.spoil("ban_451")
    listener = listen(feed)
    await listener.until(listener.problems)
    await asyncio.sleep(1)
    assert [batch.problem for batch in listener.problems()] == ["refused_here"]
    assert world.binance.requests.count("websocket") == 1


@pytest.mark.asyncio
@pytest.mark.parametrize("fault", ["nan", "text", "null", "missing_field", "future_time"])
async def test_a_spoiled_figure_does_not_end_the_stream(
    world: VenueServer, listen: Listen, fault: str
) -> None:
    world.kraken.spoil(fault, "BTC-USD")
    listener = listen(Kraken())
    await listener.until(lambda: len(listener.ticks()) > 8)
    assert {tick.symbol for tick in listener.ticks()} == {"BTC-USD", "ETH-USD"}
    assert not listener.problems()


@pytest.mark.parametrize(
    ("feed", "file", "tick"),
    [
        (
            Kraken(),
            "ccxt/kraken/ws_ticker_snapshot.json",
            RawTick(
                *("BTC-USD", 105944.2, 105944.3, 105899.4, 163.28908096),
                as_of="2022-12-25T09:30:59.123456Z",
            ),
        ),
        (
            Coinbase(),
            "ccxt/coinbase/ws_ticker.json",
            RawTick(
                *("BTC-USD", "68900.00", "68901.00", "68900.50", "15328.12345678"),
                as_of="2026-04-07T14:30:03.000000Z",
            ),
        ),
    ],
)
def test_a_recorded_message_is_read(feed: VenueFeed, file: str, tick: RawTick) -> None:
    assert feed.read_message(json.loads(recorded.path(file).read_text())) == [tick]


@pytest.mark.parametrize(
    ("feed", "file"),
    [
        (Kraken(), "ccxt/kraken/ws_trade_update.json"),
        (Kraken(), "ccxt/kraken/ws_subscribe_response.json"),
        (Coinbase(), "ccxt/coinbase/ws_heartbeats.json"),
        (Coinbase(), "ccxt/coinbase/ws_subscriptions.json"),
    ],
)
def test_a_message_about_other_things_is_no_price(feed: VenueFeed, file: str) -> None:
    assert feed.read_message(json.loads(recorded.path(file).read_text())) is None
