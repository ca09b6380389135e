"""The simulated market's feed in the `stream` process."""

import asyncio
import json
from collections.abc import Iterator

import pytest

from core.push import redis_client
from market import inbox, simulation, streaming
from market.feeds import replay
from market.inbox import Batch


@pytest.fixture(autouse=True)
def empty_inbox(settings) -> Iterator[None]:
    settings.FEEDS = ["replay"]
    redis_client().delete(inbox.STREAM, simulation.SIMULATED)
    yield
    redis_client().delete(inbox.STREAM, simulation.SIMULATED)


def run_for(seconds: float) -> list[Batch]:
    """Everything the streams hand on within that time."""

    async def run() -> None:
        async with asyncio.timeout(seconds):
            await streaming.run()

    with pytest.raises(TimeoutError):
        asyncio.run(run())
    return [batch for _, batch in inbox.read("0-0")]


def test_it_says_nothing_while_nothing_wants_simulating() -> None:
    assert run_for(1.5) == []


def test_it_ticks_every_second_what_wants_simulating() -> None:
    redis_client().set(simulation.SIMULATED, json.dumps(["EUR-USD", "BTC-USD"]))
    ticking = [batch for batch in run_for(2.5) if batch.ticks]
    assert len(ticking) >= 2
    assert {batch.source for batch in ticking} == {"replay"}
    for tick in ticking[0].ticks:
        second = int(ticking[0].received_at.timestamp())
        assert tick in (replay.tick(tick.symbol, second), replay.tick(tick.symbol, second - 1))


def test_it_tells_the_past_days_once() -> None:
    redis_client().set(simulation.SIMULATED, json.dumps(["BTC-USD"]))
    (past,) = [batch for batch in run_for(2.5) if batch.candles]
    assert len(past.candles) == 31
