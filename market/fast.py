"""What is answered before Django? Three read-only addresses, from bytes this process has ready.

`GET /api/v1/quotes/?base=`, `GET /sse/board/?base=` and `GET /healthz`: GET and HEAD, anonymous,
equal for everybody. Nothing else may be added here: whatever asks who is there belongs to Django.
"""

import asyncio
import json
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import Any
from urllib.parse import parse_qsl

from django.conf import settings

from core import logs, policy
from core.api.hosts import is_addressed
from core.api.refusal import error_body
from core.errors import Code, Refused
from core.push.hub import Full, hub
from core.push.peers import Event, Peer, Send, for_streams
from market import board_mirror
from market.board_mirror import Mirror, Moment

Receive = Callable[[], Awaitable[Event]]
Headers = tuple[tuple[bytes, bytes], ...]

QUERY_CACHED_BYTES = 100
KEEP_ALIVE_S = 15.0  # proxies close what is silent for longer
KEEP_ALIVE: Event = {"type": "http.response.body", "body": b": here\n\n", "more_body": True}
REQUEST_ID = re.compile(rb"[\w.-]{1,64}", re.ASCII)
JSON = (b"content-type", b"application/json")
ONE_SECOND = (b"cache-control", b"max-age=1")
EVENTS = (b"content-type", b"text/event-stream")
UNBUFFERED = (b"x-accel-buffering", b"no")  # a proxy must pass each event on
NO_STORE = (b"cache-control", b"no-store")


@dataclass(slots=True)
class Asked:
    """What these handlers need of a request."""

    method: str
    query: bytes
    headers: Mapping[bytes, bytes]

    @property
    def fields(self) -> Mapping[str, str]:
        """The query's fields; raises Refused `malformed` for what is no text."""
        if len(self.query) > QUERY_CACHED_BYTES:
            return query_fields.__wrapped__(self.query)
        return query_fields(self.query)


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back, all headers but the request id; `follow` sends a stream's events."""

    status: int
    headers: Headers
    body: bytes = b""
    follow: Callable[[Send, Receive], Awaitable[None]] | None = None


async def answer(scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
    """The ASGI application of the three addresses."""
    began = time.perf_counter()
    asked = Asked(scope["method"], scope["query_string"], dict(scope["headers"]))
    request_id = asked.headers.get(b"x-request-id")
    if request_id is None or not REQUEST_ID.fullmatch(request_id):
        request_id = logs.new_request_id()
    try:
        if not is_addressed(scope["headers"]):
            raise Refused(Code.MALFORMED, "This host is not served here.")
        reply = await reply_to(scope["path"], asked)
    except Refused as refusal:
        reply = refused(refusal)
    headers = [*reply.headers, (b"x-request-id", request_id)]
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    if reply.follow is not None and asked.method == "GET":
        await reply.follow(send, receive)
    await send(
        {"type": "http.response.body", "body": b"" if asked.method == "HEAD" else reply.body}
    )
    logs.answered(scope, status=reply.status, request_id=request_id, began=began)


async def reply_to(path: str, asked: Asked) -> Answer:
    """The answer of one of `HANDLERS`; raises Refused."""
    if asked.method not in ("GET", "HEAD"):
        raise Refused(Code.METHOD_NOT_ALLOWED, "This address does not answer this method.")
    return await HANDLERS[path](asked)


async def healthz(_asked: Asked) -> Answer:
    """The process answers; whether it is any use is for `/readyz` to say."""
    return whole(200, b'{"status":"ok"}', NO_STORE)


async def quotes(asked: Asked) -> Answer:
    """The board of a base: `{base, as_of, seq, results}`; raises Refused."""
    base = asked.fields.get("base", "USD")
    full, unchanged, etag = of_board(
        (board_mirror.known(base) or await board_mirror.find(base)).board
    )
    had = asked.headers.get(b"if-none-match")
    return unchanged if had is not None and etag in had else full


@lru_cache(maxsize=64)
def of_board(board: Moment) -> tuple[Answer, Answer, bytes]:
    """The board for those who lack it, for those who have it, and what tells them apart."""
    etag = f'"{board.base}-{board.id}-{board.as_of}"'.encode()
    tagged = (ONE_SECOND, (b"etag", etag))
    return whole(200, board.answer, *tagged), bare(304, *tagged), etag


async def stream(asked: Asked) -> Answer:
    """The frames of `/ws/board/` as server-sent events; raises Refused."""
    board = await board_mirror.find(asked.fields.get("base", "USD"))
    seen = asked.headers.get(b"last-event-id", b"").decode("latin-1")

    async def follow(send: Send, receive: Receive) -> None:
        await _follow(board, seen or asked.fields.get("since", ""), send=send, receive=receive)

    return replace(bare(200, EVENTS, NO_STORE, UNBUFFERED), follow=follow)


HANDLERS: Mapping[str, Callable[[Asked], Awaitable[Answer]]] = {
    "/api/v1/quotes/": quotes,
    "/sse/board/": stream,
    "/healthz": healthz,
}


def bare(status: int, *headers: tuple[bytes, bytes]) -> Answer:
    """An answer without a body."""
    return Answer(status, (*security_headers(), *headers))


def whole(status: int, body: bytes, *headers: tuple[bytes, bytes]) -> Answer:
    """An answer of one JSON body."""
    length = (b"content-length", str(len(body)).encode())
    return replace(bare(status, JSON, length, *headers), body=body)


def refused(refusal: Refused) -> Answer:
    """A refusal in the API's shape."""
    body = json.dumps(error_body(refusal.code, refusal.message, refusal.details)).encode()
    allow = ((b"allow", b"GET, HEAD"),) if refusal.code is Code.METHOD_NOT_ALLOWED else ()
    retry = ((b"retry-after", b"2"),) if refusal.code is Code.NOT_READY else ()
    return whole(refusal.status, body, NO_STORE, *allow, *retry)


@lru_cache(maxsize=256)
def query_fields(query: bytes) -> Mapping[str, str]:
    """The first value of each field; raises Refused `malformed` for what is no text."""
    try:
        pairs = parse_qsl(query.decode("ascii"), keep_blank_values=True, errors="strict")
    except ValueError as error:
        raise Refused(Code.MALFORMED, "The address holds bytes that are no text.") from error
    if any("\0" in text for pair in pairs for text in pair):
        raise Refused(Code.MALFORMED, "The address holds bytes that are no text.")
    return dict(reversed(pairs))


@cache
def security_headers() -> Headers:
    """What Django's middleware sets on every answer."""
    hsts = f"max-age={settings.SECURE_HSTS_SECONDS}; includeSubDomains; preload"
    fields = {
        "content-security-policy": policy.of_site(),
        "x-content-type-options": "nosniff",
        "x-frame-options": settings.X_FRAME_OPTIONS,
        "referrer-policy": settings.SECURE_REFERRER_POLICY,
        "cross-origin-opener-policy": settings.SECURE_CROSS_ORIGIN_OPENER_POLICY,
        **{name.lower(): value for name, value in policy.beside().items()},
    } | ({"strict-transport-security": hsts} if settings.SECURE_HSTS_SECONDS else {})
    return tuple((name.encode(), value.encode()) for name, value in fields.items())


async def _follow(board: Mirror, seen: str, *, send: Send, receive: Receive) -> None:
    peer = Peer(send=send, encode=for_streams)
    ends = [asyncio.ensure_future(_gone(receive)), asyncio.create_task(hub.closing.wait())]
    try:
        hub.join(peer, board, *board.since(seen))
        while not any(end.done() for end in ends):
            await asyncio.wait(ends, timeout=KEEP_ALIVE_S, return_when=asyncio.FIRST_COMPLETED)
            peer.offer(KEEP_ALIVE)
    except Full:
        pass  # the stream ends at once; the browser comes again by itself
    finally:
        hub.leave(peer, board)
        for end in ends:
            end.cancel()


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
