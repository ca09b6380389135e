"""The simulated market's feed in the `stream` process."""

import asyncio
import json
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from decimal import Decimal

import pytest
from asgiref.sync import sync_to_async
from django.db import connection, connections, transaction
from pytest_django.fixtures import Settings

from core import clock
from core.push import redis_client
from market import catalog, following, inbox, simulation, streaming
from market.feeds import replay
from market.following import Listed
from market.inbox import Batch, RawTick
from tests.venue.server import VenueServer


@pytest.fixture(autouse=True)
def empty_inbox(settings) -> Iterator[None]:
    settings.FEEDS = ["replay"]
    redis_client().delete(inbox.STREAM, simulation.SIMULATED)
    yield
    redis_client().delete(inbox.STREAM, simulation.SIMULATED)


def handed_on() -> list[Batch]:
    """Everything the streams have said so far."""
    return [batch for _, batch in inbox.read("0-0")]


def ticking() -> list[Batch]:
    return [batch for batch in handed_on() if batch.ticks]


def run_until(is_enough: Callable[[], bool], *, seconds: float) -> None:
    """Let the streams speak until that is enough, at most for so long."""

    async def run() -> None:
        streams = asyncio.ensure_future(streaming.run())
        began = time.monotonic()
        while not is_enough() and time.monotonic() < began + seconds:
            await asyncio.wait({streams}, timeout=0.05)
        streams.cancel()
        await asyncio.gather(streams, return_exceptions=True)

    asyncio.run(run())


def test_it_says_nothing_while_nothing_wants_simulating() -> None:
    run_until(lambda: False, seconds=1.5)
    assert handed_on() == []


def test_it_ticks_every_second_what_wants_simulating() -> None:
    redis_client().set(simulation.SIMULATED, json.dumps(["EUR-USD", "BTC-USD"]))
    began = int(time.time())
    run_until(lambda: len(ticking()) >= 2, seconds=20)
    first, second, *_ = ticking()
    assert {first.source, second.source} == {"replay"}
    seconds = range(began, int(time.time()) + 1)
    assert all(tick in of_one_second(seconds, tick.symbol) for tick in first.ticks + second.ticks)


def of_one_second(seconds: range, symbol: str) -> list[RawTick]:
    return [replay.tick(symbol, second) for second in seconds]


def test_it_tells_the_past_days_once() -> None:
    redis_client().set(simulation.SIMULATED, json.dumps(["BTC-USD"]))
    # In the seconds of three ticks it looks twice more for days to tell.
    run_until(lambda: len(ticking()) >= 3 and bool(told()), seconds=20)
    (past,) = told()
    assert len(past.candles) == 31


def told() -> list[Batch]:
    return [batch for batch in handed_on() if batch.candles]


async def heard(symbol: str) -> None:
    while symbol not in {tick.symbol for _, one in inbox.read("0-0") for tick in one.ticks}:
        await asyncio.sleep(0.05)


def while_streaming(story: Callable[[], Awaitable[None]]) -> None:
    """Tell a story of at most 20 s beside the streams, which look at the catalog all the time."""

    async def run() -> None:
        streams = asyncio.ensure_future(streaming.run(look_s=0.1))
        try:
            async with asyncio.timeout(20):
                await story()
        finally:
            streams.cancel()
            await asyncio.gather(streams, return_exceptions=True)
            await sync_to_async(connections.close_all)()  # those of the thread that asks

    asyncio.run(run())


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_a_coin_that_has_joined_is_streamed_without_a_restart(
    world: VenueServer, settings: Settings
) -> None:
    settings.FEEDS = ["kraken"]
    world.kraken.price("LINK-USD", bid="12.40", ask="12.42")
    link = Listed("LINK", "Chainlink", 1, Decimal("12.4"), Decimal(10) ** 10)

    async def story() -> None:
        await heard("BTC-USD")
        await sync_to_async(following.store)([link], at=clock.now())
        await heard("LINK-USD")

    while_streaming(story)


def cut_off() -> None:
    """End every connection to the database but this one, as a restart of PostgreSQL does."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE usename = session_user AND pid <> pg_backend_pid()"
        )
    connection.close()
    catalog.forget()


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_streams_outlive_the_connections_to_the_database(
    world: VenueServer, settings: Settings
) -> None:
    settings.FEEDS = ["kraken"]

    async def story() -> None:
        await heard("BTC-USD")
        await asyncio.to_thread(cut_off)
        await asyncio.sleep(0.5)  # in which the catalog is looked at
        redis_client().delete(inbox.STREAM)
        await heard("BTC-USD")

    while_streaming(story)


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_streams_go_on_while_the_catalog_cannot_be_read(
    world: VenueServer, settings: Settings
) -> None:
    settings.FEEDS = ["kraken"]
    locked, over = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
            cursor.execute("LOCK TABLE market_instrument IN ACCESS EXCLUSIVE MODE")
            locked.set()
            over.wait(20)
        connections["owner"].close()

    async def story() -> None:
        await heard("BTC-USD")
        held = asyncio.create_task(asyncio.to_thread(hold))
        await asyncio.to_thread(locked.wait, 10)
        catalog.forget()
        await asyncio.sleep(2.5)  # a lock is waited for 2 s
        redis_client().delete(inbox.STREAM)
        await asyncio.wait_for(heard("BTC-USD"), 2)
        over.set()
        await held

    while_streaming(story)
