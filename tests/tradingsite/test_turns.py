"""Do requests share the threads there are, without one of them being refused or held up?"""

import asyncio
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from asgiref.sync import sync_to_async

from core.api.body_limit import Event, Receive, Send
from tradingsite.turns import THREADS, Turns

REQUESTS = 50
END: Event = {"type": "http.response.body", "body": b"", "more_body": False}
PIECE: Event = {"type": "http.response.body", "body": b"x", "more_body": True}


class Work:
    """Synchronous work in the middle of a request; who did it, and how many at a time."""

    def __init__(self) -> None:
        self.threads: set[int] = set()
        self.now = self.most = 0
        self.lock = threading.Lock()

    def __call__(self) -> None:
        with self.lock:
            self.threads.add(threading.get_ident())
            self.now += 1
            self.most = max(self.most, self.now)
        time.sleep(0.01)
        with self.lock:
            self.now -= 1


def site(work: Callable[[], None], *answer: Event) -> Turns:
    """An application whose requests work twice and then answer."""

    async def application(_scope: Mapping[str, Any], _receive: Receive, send: Send) -> None:
        await sync_to_async(work)()
        await sync_to_async(work)()
        for event in answer:
            await send(event)

    return Turns(application)


async def nothing() -> Event:
    raise AssertionError("the body is there already")


def test_fifty_slow_requests_share_eight_threads_and_all_are_answered() -> None:
    work, answered = Work(), []

    async def send(event: Event) -> None:
        answered.append(event)

    async def all_at_once() -> None:
        asked = site(work, END)
        await asyncio.gather(*(asked({}, nothing, send) for _ in range(REQUESTS)))

    asyncio.run(all_at_once())
    assert len(answered) == REQUESTS
    assert (len(work.threads), work.most) == (THREADS, THREADS)


def test_clients_that_take_nothing_hold_no_thread() -> None:
    sent: list[Event] = []

    async def stalled(_event: Event) -> None:
        await asyncio.Event().wait()

    async def send(event: Event) -> None:
        sent.append(event)

    async def one_after_many() -> None:
        pages, streams = site(Work(), END), site(Work(), PIECE, END)
        for asked in (pages, streams):
            waiting = [asyncio.create_task(asked({}, nothing, stalled)) for _ in range(2 * THREADS)]
            await asyncio.sleep(0.2)
            async with asyncio.timeout(2):
                await asked({}, nothing, send)
            for task in waiting:
                task.cancel()

    asyncio.run(one_after_many())
    assert sent == [END, PIECE, END]


def test_a_request_that_fails_gives_its_thread_back() -> None:
    async def application(_scope: Mapping[str, Any], _receive: Receive, _send: Send) -> None:
        raise RuntimeError("canary")

    async def send(_event: Event) -> None:
        raise AssertionError("there is nothing to send")

    async def many() -> list[BaseException | None]:
        asked = Turns(application)
        requests = (asked({}, nothing, send) for _ in range(3 * THREADS))
        return await asyncio.gather(*requests, return_exceptions=True)

    assert {type(failure) for failure in asyncio.run(many())} == {RuntimeError}
