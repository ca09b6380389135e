"""OANDA's pricing stream: one long answer, its heartbeats, its silence, its end."""

import asyncio

import pytest

from market.feeds.oanda import Oanda
from tests.market.feeds.listeners import SYMBOLS, Listen, Listener
from tests.venue import oanda
from tests.venue.server import VenueServer


@pytest.fixture(autouse=True)
def forex_only(world: VenueServer, settings) -> None:
    """The listeners of the sockets' tests ask for coins; let OANDA trade them."""
    settings.OANDA_TOKEN = oanda.TOKEN
    world.oanda.quotes = {"ETH-USD": ("2105.1", "2105.2"), "EUR-USD": ("1.1", "1.2")}


async def until_healed(world: VenueServer, listener: Listener) -> None:
    """Prices come again once nothing is wrong any more."""
    world.oanda.heal()
    heard = len(listener.ticks())
    await listener.until(lambda: len(listener.ticks()) > heard)


def dialled(world: VenueServer) -> int:
    return sum("/pricing/stream" in asked for asked in world.oanda.requests)


@pytest.mark.asyncio
async def test_prices_arrive_as_they_change(world: VenueServer, listen: Listen) -> None:
    listener = listen(Oanda())
    await listener.until(listener.ticks)
    world.oanda.price("ETH-USD", bid="2200.00", ask="2200.01")
    await listener.until(lambda: any(tick.bid == "2200.00" for tick in listener.ticks()))
    assert {tick.symbol for tick in listener.ticks()} == {"ETH-USD"}
    assert listener.batches[0].transport == "socket"


@pytest.mark.asyncio
async def test_heartbeats_alone_keep_a_stream(world: VenueServer, listen: Listen) -> None:
    world.oanda.spoil("frozen")
    listener = listen(Oanda())
    await asyncio.sleep(1.0)
    assert (listener.problems(), listener.ticks(), dialled(world)) == ([], [], 1)


@pytest.mark.asyncio
async def test_a_market_that_closes_says_nothing(world: VenueServer, listen: Listen) -> None:
    world.oanda.spoil("not_tradeable")
    listener = listen(Oanda())
    await asyncio.sleep(1.0)
    assert (listener.problems(), listener.ticks()) == ([], [])


@pytest.mark.asyncio
@pytest.mark.parametrize("fault", ["ws_silent", "truncated"])
async def test_silence_ends_the_stream(
    world: VenueServer,
    listen: Listen,
    fault: str,
) -> None:
    listener = listen(Oanda())
    await listener.until(listener.ticks)
    world.oanda.spoil("ws_silent")
    world.oanda.spoil(fault)
    await listener.until(listener.problems)
    assert listener.problems()[0].detail == "silent for 0.6 s"
    await until_healed(world, listener)
    assert dialled(world) >= 2


@pytest.mark.asyncio
@pytest.mark.parametrize("fault", ["ws_drop", "ws_refused", "error_5xx"])
async def test_a_broken_stream_is_dialled_again(
    world: VenueServer,
    listen: Listen,
    fault: str,
) -> None:
    listener = listen(Oanda())
    await listener.until(listener.ticks)
    world.oanda.spoil("ws_drop")
    world.oanda.spoil(fault)
    await listener.until(lambda: len(listener.problems()) >= 2)
    assert {batch.problem for batch in listener.problems()} == {"unreachable"}
    await until_healed(world, listener)


@pytest.mark.asyncio
async def test_a_refused_token_is_not_tried_again(world: VenueServer, listen: Listen) -> None:
    world.oanda.spoil("unauthorized_401")
    listener = listen(Oanda())
    await listener.until(listener.problems)
    await asyncio.sleep(1)
    assert [batch.problem for batch in listener.problems()] == ["refused_here"]
    assert len(world.oanda.requests) == 1


@pytest.mark.asyncio
async def test_a_stream_that_never_answers_is_left(world: VenueServer, listen: Listen) -> None:
    feed = Oanda()
    await asyncio.to_thread(feed.listed, SYMBOLS)
    world.oanda.spoil("silent")
    listener = listen(feed)
    await listener.until(listener.problems)
    assert listener.problems()[0].detail == "silent for 0.6 s"
