"""What runs beside the writer of prices? The venues' websockets and the simulated market.

Both only fetch: everything goes through the inbox, like the polls.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import cast

import structlog
from channels.db import database_sync_to_async
from django.db import InterfaceError, OperationalError
from django.utils.module_loading import import_string

from core import clock
from market import catalog, inbox, simulation
from market.feeds import replay, roster, sockets
from market.feeds.feed import StreamFeed
from market.feeds.roster import REPLAY, Source
from market.inbox import Batch

RESTART_S = 5.0
LOOK_S = 30.0
PAST_DAYS = 31

log = structlog.get_logger()


async def run(*, look_s: float = LOOK_S) -> None:
    """Stream every venue the operator has switched on, and the simulated market; until cancelled.

    Every `look_s` seconds the catalog is asked whether coins have joined, or left.
    What fails unexpectedly is logged and started again; the others go on.
    """
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(_kept_up("simulated ticks", _tick))
        tasks.create_task(_kept_up("simulated past", _recall))
        for source in roster.configured():
            if source.streams:
                tasks.create_task(_kept_up(source.name, partial(_watch, source, look_s)))


async def _kept_up(name: str, work: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            await work()
        except Exception:
            log.exception("stream part failed", part=name)
        await asyncio.sleep(RESTART_S)


async def _watch(source: Source, look_s: float) -> None:
    """Stream what the catalog lists, anew whenever it lists something else."""
    while True:
        feed = cast(StreamFeed, import_string(source.feed)())
        listed = await _listed()
        stream = asyncio.ensure_future(sockets.watch(feed, listed, inbox.append_async))
        try:
            while not await _lists_anew(listed):
                await asyncio.wait({stream}, timeout=look_s)
                if stream.done():
                    return await stream
        finally:
            stream.cancel()
            await asyncio.gather(stream, return_exceptions=True)


async def _lists_anew(known: list[str]) -> bool:
    """Has the catalog changed? Not that we knew of, while PostgreSQL is away: prices go on."""
    try:
        return await _listed() != known
    except (OperationalError, InterfaceError) as error:
        log.warning("catalog not looked at", error=str(error))
        return False


async def _listed() -> list[str]:
    return [one.symbol for one in await database_sync_to_async(catalog.instruments)()]


async def _tick() -> None:
    """One tick a second of every instrument that wants simulating."""
    while True:
        await asyncio.sleep(1 - time.time() % 1)
        ticks = tuple(replay.ticks(await _wanted(), int(time.time())))
        if ticks:
            await inbox.append_async(Batch(REPLAY, "socket", clock.now(), ticks=ticks))


async def _recall() -> None:
    """The past days of every instrument that wants simulating, once a UTC day."""
    recalled: set[tuple[str, int]] = set()
    while True:
        second = int(time.time())
        today = second // replay.DAY_S
        for symbol in sorted(await _wanted()):
            if (symbol, today) in recalled or not replay.knows(symbol):
                continue
            candles = await asyncio.to_thread(replay.candles, symbol, second, days=PAST_DAYS)
            await inbox.append_async(Batch(REPLAY, "rest", clock.now(), candles=candles))
            recalled.add((symbol, today))
        recalled = {one for one in recalled if one[1] == today}
        await asyncio.sleep(1)


async def _wanted() -> frozenset[str]:
    return await asyncio.to_thread(simulation.symbols)
