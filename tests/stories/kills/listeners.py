"""Who watches the board meanwhile? Sockets that read every frame, until the block ends."""

import asyncio
import contextlib
import threading
from collections.abc import Iterator

from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Origin


@contextlib.contextmanager
def watching(port: int, number: int) -> Iterator[None]:
    """So many open board sockets inside the block; fails where one of them is refused."""
    loop, everybody_in = asyncio.new_event_loop(), threading.Event()
    watch = loop.create_task(audience(port, number, everybody_in))
    thread = threading.Thread(target=lambda: loop.run_until_complete(asyncio.wait([watch])))
    thread.start()
    try:
        assert everybody_in.wait(20), "the board's sockets did not open"
        yield
    finally:
        loop.call_soon_threadsafe(watch.cancel)
        thread.join()
        loop.close()


async def audience(port: int, number: int, everybody_in: threading.Event) -> None:
    """Open all, then read all."""
    host = f"127.0.0.1:{port}"
    address, origin = f"ws://{host}/ws/board/?base=USD", Origin(f"http://{host}")
    async with contextlib.AsyncExitStack() as doors:
        places = [
            await doors.enter_async_context(connect(address, origin=origin, proxy=None))
            for _ in range(number)
        ]
        everybody_in.set()
        await asyncio.gather(*(read_on(place) for place in places))


async def read_on(place: ClientConnection) -> None:
    """Take every frame and look at none."""
    async for _frame in place:
        pass
