"""How does a frame reach one listener without ever waiting for it? Sent, or conflated."""

import asyncio
from collections.abc import Callable, Coroutine, Generator
from dataclasses import dataclass
from typing import Any

from core.metrics import LISTENERS_DROPPED

Event = dict[str, Any]
Send = Callable[[Event], Coroutine[Any, Any, None]]

PATIENCE_S = 30.0  # a listener that takes nothing for so long is dropped


@dataclass(frozen=True, slots=True)
class Frame:
    """One message for everybody; `id` (EPOCH:N) is what a listener resumes by."""

    text: str
    id: str = ""


Encode = Callable[[Frame], Event]


def for_sockets(frame: Frame) -> Event:
    """The frame as a websocket message."""
    return {"type": "websocket.send", "text": frame.text}


def for_streams(frame: Frame) -> Event:
    """The frame as one server-sent event; its text is a single line of JSON."""
    name = f"id: {frame.id}\n" if frame.id else ""
    body = f"{name}data: {frame.text}\n\n".encode()
    return {"type": "http.response.body", "body": body, "more_body": True}


class Resume:
    """Goes on driving a coroutine that was started by hand and suspended on `waiting_for`."""

    def __init__(self, coroutine: Coroutine[Any, Any, None], waiting_for: Any) -> None:
        self.coroutine = coroutine
        self.waiting_for = waiting_for

    def __await__(self) -> Generator[Any, Any, None]:
        try:
            while True:
                try:
                    answer = yield self.waiting_for
                except BaseException as error:  # noqa: BLE001 - handed on, cancellation included
                    self.waiting_for = self.coroutine.throw(error)
                else:
                    self.waiting_for = self.coroutine.send(answer)
        except StopIteration:
            return


def aborter(send: Any) -> Callable[[], None]:
    """What cuts the connection behind an ASGI `send` at once, unsent bytes included.

    Both of uvicorn's protocols keep their transport beside `send`; without one, nothing is cut.
    """
    while hasattr(getattr(send, "__self__", None), "real_send"):
        send = send.__self__.real_send  # Channels' session wrapper
    transport = getattr(getattr(send, "__self__", None), "transport", None)
    return transport.abort if transport is not None else lambda: None


class Peer:
    """One open socket or stream.

    `send` is the server's own: it suspends only while the listener has more unsent bytes than the
    transport's high-water mark (64 KB). From then on the peer is conflated: frames pass it by, and
    once it has drained it gets `newest()`, a snapshot, because a delta would leave a gap in `seq`.
    `abort` cuts the connection without waiting for the bytes in its buffer.
    """

    __slots__ = ("abort", "conflated", "encode", "is_dropped", "newest", "send", "task")

    def __init__(self, *, send: Send, encode: Encode) -> None:
        self.send = send
        self.encode = encode
        self.abort = aborter(send)
        self.newest: Callable[[], Frame | None] = lambda: None
        self.task: asyncio.Task[None] | None = None
        self.conflated = False
        self.is_dropped = False

    def offer(self, event: Event) -> bool:
        """Send `event` now, or pass the peer by; False when it did not go out at once."""
        if self.task is not None:
            self.conflated = True
            return False
        sending = self.send(event)
        try:
            waiting_for = sending.send(None)
        except StopIteration:
            return True
        except Exception:  # noqa: BLE001 - whatever the server raises, this listener is gone
            self.drop()
            return False
        self.task = asyncio.create_task(self._drain(Resume(sending, waiting_for)))
        return False

    def drop(self) -> None:
        """Cut the connection; its consumer then hears of the disconnection and leaves."""
        if not self.is_dropped:  # its consumer hears of it a moment later; frames come meanwhile
            self.is_dropped = True
            LISTENERS_DROPPED.inc()
        self.abort()

    async def _drain(self, sending: Resume) -> None:
        try:
            async with asyncio.timeout(PATIENCE_S):
                await sending
            while self.conflated:
                self.conflated = False
                async with asyncio.timeout(PATIENCE_S):
                    await self._send_newest()
        except Exception:  # noqa: BLE001 - gone, or silent for too long: both end the connection
            self.drop()
        finally:
            self.task = None

    async def _send_newest(self) -> None:
        frame = self.newest()
        if frame is not None:
            await self.send(self.encode(frame))
