"""How large may a body get on its way in? It is counted as it arrives; Django would take it all."""

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from core.api.refusal import error_body
from core.api.strict_json import BODY_BYTES_MAX, too_large

Event = dict[str, Any]
Receive = Callable[[], Awaitable[Event]]
Send = Callable[[Event], Awaitable[None]]
Application = Callable[[Mapping[str, Any], Receive, Send], Awaitable[None]]


async def bounded(
    application: Application, scope: Mapping[str, Any], receive: Receive, send: Send
) -> None:
    """Let the ASGI `application` answer; a body beyond 64 KB ends with 413, whoever it is for."""
    arrived = 0
    is_refused = False

    async def counted() -> Event:
        nonlocal arrived, is_refused
        event = await receive()
        arrived += len(event.get("body", b""))
        if arrived <= BODY_BYTES_MAX:
            return event
        is_refused = True
        return {"type": "http.disconnect"}

    await application(scope, counted, send)
    if is_refused:
        await _refuse(send)


async def _refuse(send: Send) -> None:
    refused = too_large()
    body = json.dumps(error_body(refused.code, refused.message)).encode()
    headers = [(b"content-type", b"application/json"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": refused.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
