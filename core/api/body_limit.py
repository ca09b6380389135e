"""How large may a body get on its way in? It is counted as it arrives; Django would take it all."""

from collections.abc import Awaitable, Callable, Mapping
from io import BytesIO
from typing import Any

from core.api.strict_json import BODY_BYTES_MAX

Event = dict[str, Any]
Receive = Callable[[], Awaitable[Event]]
Send = Callable[[Event], Awaitable[None]]
Application = Callable[[Mapping[str, Any], Receive, Send], Awaitable[None]]


async def bounded(
    application: Application, scope: Mapping[str, Any], receive: Receive, send: Send
) -> None:
    """Let the ASGI `application` answer once the body has arrived, as one piece.

    Beyond 64 KB the rest is not taken: the application is told a length that it refuses.
    """
    body, is_whole = b"", False
    while not is_whole and len(body) <= BODY_BYTES_MAX:
        event = await receive()
        if event["type"] == "http.disconnect":
            return
        body += event.get("body", b"")
        is_whole = not event.get("more_body", False)
    if len(body) <= BODY_BYTES_MAX:
        await application(scope, _after(body, receive), send)
    else:
        told = _of_length(scope, len(body))
        await application(told, _after(b"", receive), _closing(send))


def has_arrived(environ: dict[str, Any]) -> bool:
    """Take in the body of a WSGI request: is all there that was announced?

    granian hands on what came of one that broke off, and 2423.00 would be 24. Of one in chunks
    nobody knows how long it was meant to be, and Django would read nothing. One that is too large
    is left to be refused unread.
    """
    if "HTTP_TRANSFER_ENCODING" in environ:
        return False
    told = environ.get("CONTENT_LENGTH") or "0"
    length = int(told) if told.isdecimal() else 0
    if length > BODY_BYTES_MAX:
        return True
    body = b""
    while len(body) < length and (piece := environ["wsgi.input"].read(length - len(body))):
        body += piece
    environ["wsgi.input"] = BytesIO(body)
    return len(body) == length


def _after(body: bytes, receive: Receive) -> Receive:
    """`receive` of a request whose body has arrived: what is left to hear is that it ended."""
    pieces: list[Event] = [{"type": "http.request", "body": body, "more_body": False}]

    async def rest() -> Event:
        if pieces:
            return pieces.pop()
        while (event := await receive())["type"] != "http.disconnect":
            pass
        return event

    return rest


def _of_length(scope: Mapping[str, Any], length: int) -> Mapping[str, Any]:
    others = [field for field in scope["headers"] if field[0] != b"content-length"]
    return {**scope, "headers": [*others, (b"content-length", str(length).encode())]}


def _closing(send: Send) -> Send:
    """`send` for a connection that is of no more use: nobody will read the rest of the body."""

    async def sent(event: Event) -> None:
        if event["type"] == "http.response.start":
            event = {**event, "headers": [*event["headers"], (b"connection", b"close")]}
        await send(event)

    return sent
