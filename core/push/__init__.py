"""How does one process tell the others? Redis clients, published frames, messages to a person."""

import asyncio
import json
from collections.abc import Mapping
from functools import cache
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

import redis
import redis.asyncio
from django.conf import settings
from django.db import transaction

from core.push.redis_timeouts import CONNECT_TIMEOUT_S, SOCKET_TIMEOUT_S, Once, Pool

RECHECK = "recheck"  # the message type that asks private sockets whether their session still holds
PRIVATE = "user."
EVERYBODY = "user.*"  # a name no person's channel has
CHANNELS = ("board:*", "candles:*", "user.*")  # all that a web process listens to

_of_loop: WeakKeyDictionary[asyncio.AbstractEventLoop, redis.asyncio.Redis] = WeakKeyDictionary()


@cache
def redis_client() -> redis.Redis:
    """This process's Redis client; threads share its pool. Values are bytes.

    Commands raise `redis.RedisError` when Redis is away or hangs: after 2 s, then at once. Not for
    commands that block: they need a client of their own.
    """
    return redis.Redis(connection_pool=Pool.from_url(settings.REDIS_URL))


def async_redis() -> redis.asyncio.Redis:
    """The running event loop's Redis client; commands raise `redis.RedisError` as above.

    A hung Redis costs each command its 2 s, but no thread.
    """
    loop = asyncio.get_running_loop()
    if loop not in _of_loop:
        _of_loop[loop] = redis.asyncio.Redis.from_url(
            settings.REDIS_URL,
            socket_timeout=SOCKET_TIMEOUT_S,
            socket_connect_timeout=CONNECT_TIMEOUT_S,
            retry=Once(),
        )
    return _of_loop[loop]


def subscriber() -> redis.asyncio.Redis:
    """A client of its own, without a read time-out: subscriptions may be idle. Close it."""
    return redis.asyncio.Redis.from_url(
        settings.REDIS_URL, socket_timeout=None, socket_connect_timeout=CONNECT_TIMEOUT_S
    )


def publish(channel: str, frame: str | bytes) -> None:
    """Give `frame` to every process that listens on the Redis channel; raises RedisError."""
    redis_client().publish(channel, frame)


def user_channel(public_id: UUID | str) -> str:
    """The channel of one person's private sockets."""
    return f"{PRIVATE}{public_id}"


def tell_user(public_id: UUID | str, message: Mapping[str, Any]) -> None:
    """Send `message` to the person's open `/ws/me/` sockets once the transaction has committed.

    A hint, never the truth: nobody may be listening, and Redis may be away. The JSON object needs a
    `type`, for example `{"type": "balances", "account": "…"}`.
    """
    frame = json.dumps(message)
    transaction.on_commit(lambda: publish(user_channel(public_id), frame), robust=True)


def tell_everybody(message: Mapping[str, Any]) -> None:
    """Send `message` to every open `/ws/me/` socket; a hint as of `tell_user`."""
    frame = json.dumps(message)
    transaction.on_commit(lambda: publish(EVERYBODY, frame), robust=True)


def end_sessions(public_id: UUID | str) -> None:
    """Have the person's sockets look again, after the commit, whether their session still holds.

    Call it after sign-out, a changed password or a revoked session: a socket whose session is gone
    closes with 4401, the others stay open.
    """
    tell_user(public_id, {"type": RECHECK})
