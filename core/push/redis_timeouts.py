"""Is Redis hung? Once somebody has waited for it in vain, everybody else is told at once.

A Redis that is stopped but not dead answers nothing and refuses nothing, so each command waits out
its time-out; a page asks several times. After the first such wait nobody waits for `PAUSE_S`, then
one thread at a time tries again.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from functools import cache
from threading import RLock
from typing import Any, TypeVar

import redis
import redis.asyncio.retry
from redis.backoff import NoBackoff
from redis.retry import Retry

SOCKET_TIMEOUT_S = 2.0
CONNECT_TIMEOUT_S = 2.0
PAUSE_S = 3.0

Answer = TypeVar("Answer")


class Patience(Retry):
    """What redis-py does every connection and command through; never tries one twice itself."""

    def __init__(self) -> None:
        super().__init__(NoBackoff(), 0)
        self._tried_at: float | None = None  # when somebody last waited in vain
        self._trying = RLock()  # a command may connect on its way

    def __deepcopy__(self, memo: object) -> "Patience":
        return self  # the connections to one Redis share what they know of it

    def call_with_retry(self, do: Callable[..., Answer], *args: Any, **kwargs: Any) -> Answer:
        """Do it; raises `redis.TimeoutError` at once while Redis is hung."""
        if self._tried_at is None:
            return self._try(do, *args, **kwargs)
        if not self._trying.acquire(blocking=False):
            raise redis.TimeoutError("Redis hung a moment ago")
        try:
            if self._tried_at is not None and time.monotonic() - self._tried_at < PAUSE_S:
                raise redis.TimeoutError("Redis hung a moment ago")
            return self._try(do, *args, **kwargs)
        finally:
            self._trying.release()

    def _try(self, do: Callable[..., Answer], *args: Any, **kwargs: Any) -> Answer:
        try:
            answer: Answer = super().call_with_retry(do, *args, **kwargs)
        except redis.TimeoutError:
            self._tried_at = time.monotonic()
            raise
        self._tried_at = None
        return answer


class Once(redis.asyncio.retry.Retry):
    """The same for code on an event loop: never tries twice, and ends when it is cancelled.

    redis-py sends through `asyncio.wait_for`, which before Python 3.12 forgets a cancellation that
    meets its answer: the caller's loop would go on for ever.
    """

    def __init__(self) -> None:
        super().__init__(NoBackoff(), 0)

    async def call_with_retry(
        self, do: Callable[..., Awaitable[Answer]], *args: Any, **kwargs: Any
    ) -> Answer:
        """Do it; raises `asyncio.CancelledError` also where the answer came first."""
        task = asyncio.current_task()
        asked = task.cancelling() if task else 0
        answer: Answer = await super().call_with_retry(do, *args, **kwargs)
        if task and task.cancelling() > asked:
            raise asyncio.CancelledError
        return answer


class Pool(redis.ConnectionPool):
    """Connections that wait for one Redis together: of the shared client and of Django's cache."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        address = kwargs.get("path") or f"{kwargs.get('host')}:{kwargs.get('port')}"
        kwargs |= {"retry": _patience(address)}
        kwargs |= {"socket_timeout": SOCKET_TIMEOUT_S, "socket_connect_timeout": CONNECT_TIMEOUT_S}
        super().__init__(*args, **kwargs)


@cache
def _patience(_address: str) -> Patience:
    return Patience()
