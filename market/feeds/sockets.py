"""How is a source that speaks by itself listened to? With a silence clock, and dialled again.

A silent stream raises nothing, for ever. So a session that brings no sign of life for `silence_s`
is ended and dialled again, with growing pauses.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from core import clock
from market.feeds.answers import UNREADABLE, Answer, trouble
from market.feeds.feed import StreamFeed, Trouble
from market.inbox import Batch, RawTick

Deliver = Callable[[Batch], Awaitable[None]]
WAITING_MAX = 2_000  # ticks between two hand-overs; older ones give way
FAREWELL_S = 5.0


@dataclass(frozen=True, slots=True)
class Pace:
    """How long to wait for what, in seconds; back-off grows to its last value."""

    silence_s: float = 10.0
    hand_over_s: float = 0.1
    back_off_s: tuple[float, ...] = (0.5, 1.0, 2.0, 4.0, 8.0)


@dataclass(slots=True)
class Session:
    """One connection: what it has said and nobody has handed on yet."""

    feed: StreamFeed
    ticks: deque[RawTick] = field(default_factory=lambda: deque(maxlen=WAITING_MAX))
    heard_at: float | None = None
    has_spoken: bool = False

    def begin(self) -> None:
        """The connection stands: from now on silence counts."""
        self.heard_at = asyncio.get_running_loop().time()

    def hear(self, message: Any) -> bool:
        """Keep a message's prices; False when it is no sign of life."""
        try:
            ticks = self.feed.read_message(message)
        except UNREADABLE:
            return True  # no price in it: the silence clock will tell
        if ticks is None:
            return False
        self.ticks.extend(ticks)
        self.begin()
        self.has_spoken = True
        return True

    def silent_s(self) -> float:
        """Seconds since the last sign of life; 0 while it is still being dialled."""
        if self.heard_at is None:
            return 0.0
        return asyncio.get_running_loop().time() - self.heard_at

    def batch(self) -> Batch:
        """Everything heard since the last time."""
        ticks = tuple(self.ticks)
        self.ticks.clear()
        return Batch(self.feed.name, "socket", clock.now(), ticks=ticks)


async def watch(
    feed: StreamFeed, symbols: Sequence[str], deliver: Deliver, *, pace: Pace = Pace()
) -> None:
    """Deliver a source's streamed prices for ever; every broken session is reported as well."""
    failures = 0
    while True:
        session = Session(feed)
        try:
            await _listen(session, symbols, deliver, pace)
        except Trouble as problem:
            failures = 0 if session.has_spoken else failures + 1
            await deliver(_report(feed.name, problem))
            step = min(max(failures - 1, 0), len(pace.back_off_s) - 1)
            await asyncio.sleep(problem.wait_s or pace.back_off_s[step])


async def _listen(session: Session, symbols: Sequence[str], deliver: Deliver, pace: Pace) -> None:
    """Hand prices on until the session ends, which raises Trouble."""
    stream = asyncio.create_task(session.feed.stream(symbols, session))
    try:
        while not stream.done():
            await asyncio.sleep(pace.hand_over_s)
            if session.ticks:
                await deliver(session.batch())
            if session.silent_s() > pace.silence_s:
                raise Trouble("unreachable", f"silent for {pace.silence_s:g} s")
        _raise_end(stream)
    finally:
        stream.cancel()
        await asyncio.wait({stream}, timeout=FAREWELL_S)


def _raise_end(stream: asyncio.Task[None]) -> None:
    """Why the stream ended; a refused handshake carries status and headers of its answer."""
    error = stream.exception()
    if isinstance(error, Trouble):
        raise error
    cause = error.args[0] if error and error.args else None
    status = getattr(cause, "status", None)
    if isinstance(status, int):
        raise trouble(Answer(status, dict(getattr(cause, "headers", None) or {}), "{}"))
    raise Trouble("unreachable", f"{type(error).__name__}: {error}" if error else "stream ended")


def _report(name: str, problem: Trouble) -> Batch:
    return Batch(name, "socket", clock.now(), problem=problem.problem, detail=problem.detail)
