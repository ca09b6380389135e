"""Who gets a thread? Eight requests are worked on at a time; the others wait, none is refused.

Django's code runs in threads, and a request at work may hold a connection of the pool. Nobody
keeps either while we wait for their network: a body has arrived before its request's turn begins
(`core/api/body_limit.py`), and what there is to send is sent while others have their turn.
"""

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from typing import Any, TypeVar

from asgiref.sync import ThreadSensitiveContext
from django.db import close_old_connections

from core.api.body_limit import Application, Event, Receive, Send

THREADS = 8  # of one process; its pool has two connections more, for websockets

Answer = TypeVar("Answer")


class Turns:
    """An ASGI application in front of Django's."""

    def __init__(self, application: Application, *, threads: int = THREADS) -> None:
        self._application = application
        self._free: asyncio.LifoQueue[ThreadPoolExecutor] = asyncio.LifoQueue()
        for _ in range(threads):
            self._free.put_nowait(ThreadPoolExecutor(max_workers=1, thread_name_prefix="django"))

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        """Let the application answer one request when its turn comes."""
        turn = Turn(self._free)
        ready: list[Event] = []

        async def sent(event: Event) -> None:
            ready.append(event)
            if event.get("more_body"):  # a stream: others work while the client takes this piece
                await turn.pause()
                try:
                    await _send_all(ready, send)
                finally:
                    await turn.begin()

        await turn.begin()
        try:
            async with ThreadSensitiveContext(executor=turn):
                await self._application(scope, receive, sent)
        finally:
            turn.end()
        await _send_all(ready, send)


class Turn(Executor):
    """The thread one request works in while it has one, as asgiref wants it: an executor."""

    def __init__(self, free: asyncio.LifoQueue[ThreadPoolExecutor]) -> None:
        self._free = free
        self._threads: list[ThreadPoolExecutor] = []  # one, or none

    def submit(self, work: Callable[..., Answer], /, *args: Any, **kwargs: Any) -> "Future[Answer]":
        """Do `work` in the thread of this turn."""
        return self._threads[0].submit(work, *args, **kwargs)

    async def begin(self) -> None:
        """Wait for a thread."""
        self._threads.append(await self._free.get())

    async def pause(self) -> None:
        """Give the thread to the next in line, and its connection back to the pool."""
        await asyncio.wrap_future(self.submit(close_old_connections))
        self.end()

    def end(self) -> None:
        """Give the thread to the next in line; Django has given its connection back."""
        while self._threads:
            self._free.put_nowait(self._threads.pop())


async def _send_all(ready: list[Event], send: Send) -> None:
    while ready:
        await send(ready.pop(0))
