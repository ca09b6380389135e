"""A listener for the tests of streams."""

import asyncio
from collections.abc import AsyncIterator

import pytest_asyncio

from market.feeds import sockets
from market.feeds.feed import StreamFeed
from tests.market.feeds.listeners import QUICK, SYMBOLS, Listen, Listener


@pytest_asyncio.fixture
async def listen() -> AsyncIterator[Listen]:
    tasks: list[asyncio.Task[None]] = []

    def start(feed: StreamFeed) -> Listener:
        listener = Listener()
        work = sockets.watch(feed, SYMBOLS, listener.hear, pace=QUICK)
        tasks.append(asyncio.create_task(work))
        return listener

    yield start
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
