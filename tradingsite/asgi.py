"""The live process: native handlers and websockets first, everything else by Django."""

import asyncio
import gc
import os
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tradingsite.settings")
handler: Any = get_asgi_application()  # before the imports below: they need the apps loaded

from core import logs, metrics  # noqa: E402
from core.api.body_limit import bounded  # noqa: E402
from core.push.hub import hub  # noqa: E402
from core.push.peers import Event, Send  # noqa: E402
from market import board_mirror, fast  # noqa: E402
from market.charts import watching  # noqa: E402
from tradingsite.forwarded import told_who_asks  # noqa: E402
from tradingsite.sockets import sockets  # noqa: E402
from tradingsite.turns import Turns  # noqa: E402

Receive = Callable[[], Awaitable[Event]]
django = Turns(handler)


async def answer(scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
    """Answer one connection, or live through the process's whole life."""
    match scope["type"]:
        case "http" if scope["path"] in fast.HANDLERS:
            await fast.answer(scope, receive, send)
        case "http":
            await bounded(django, scope, receive, send)
        case "websocket":
            await sockets(scope, receive, send)
        case "lifespan":
            await live(receive, send)


async def live(receive: Receive, send: Send) -> None:
    """Feed the listeners from start to shutdown. Neither PostgreSQL nor Redis need be there yet."""
    await receive()
    tasks = [
        asyncio.create_task(work)
        for work in (
            hub.run(),
            board_mirror.keep_wanted(),
            watching.keep_wanted(),
            logs.keep_flushing(),
        )
    ]
    metrics.keep_sharing()
    gc.collect()
    gc.freeze()  # what is loaded by now stays: collecting garbage need not walk through it again
    await send({"type": "lifespan.startup.complete"})
    await receive()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await send({"type": "lifespan.shutdown.complete"})


application = told_who_asks(answer)
