"""What holds for every websocket? Host and Origin are ours, its frames few, its address known."""

import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from channels.routing import URLRouter
from channels.security.websocket import WebsocketDenier
from channels.sessions import SessionMiddlewareStack
from django.urls import path, re_path

from accounts import presence
from accounts.consumers import MeConsumer
from core.api.hosts import is_addressed, is_ours
from core.push.peers import Event, Send
from market.charts.consumers import ChartConsumer
from market.consumers import BoardConsumer

Scope = Mapping[str, Any]
Receive = Callable[[], Awaitable[Event]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

FRAME_BYTES_MAX = 4096  # the launcher has the server refuse larger ones with 1009
FRAMES_PER_S = 10
TOO_FAST = 1008

routes: Application = URLRouter(
    [
        path("ws/board/", BoardConsumer.as_asgi()),
        path("ws/candles/", ChartConsumer.as_asgi()),
        path("ws/me/", SessionMiddlewareStack(MeConsumer.as_asgi())),
        re_path("", WebsocketDenier.as_asgi()),
    ]
)


async def sockets(scope: Scope, receive: Receive, send: Send) -> None:
    """The ASGI application of all websockets."""
    if not await may_connect(scope):
        await WebsocketDenier()(scope, receive, send)
        return
    await routes(scope, unhurried(receive, send), send)


async def may_connect(scope: Scope) -> bool:
    """Is the page that opens the socket one of ours? A program without a page needs a token."""
    if not is_addressed(scope["headers"]):
        return False
    origins = [value for name, value in scope["headers"] if name == b"origin"]
    if not origins:
        return await presence.bearer(scope) is not None
    return len(origins) == 1 and is_ours(urlsplit(origins[0].decode("latin-1")).netloc)


def unhurried(receive: Receive, send: Send) -> Receive:
    """`receive` for a client that may say little: beyond `FRAMES_PER_S` it is closed."""
    times: deque[float] = deque(maxlen=FRAMES_PER_S)

    async def limited() -> Event:
        event = await receive()
        if event["type"] != "websocket.receive":
            return event
        now = time.monotonic()
        if len(times) == FRAMES_PER_S and now - times[0] < 1:
            await send({"type": "websocket.close", "code": TOO_FAST})
            return {"type": "websocket.disconnect", "code": TOO_FAST}
        times.append(now)
        return event

    return limited
