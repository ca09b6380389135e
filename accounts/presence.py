"""Who is at the other end of a private socket, and do they still hold a session or token?"""

import asyncio
import contextlib
import json
from collections.abc import Mapping
from typing import Any

from channels.auth import get_user
from channels.db import database_sync_to_async
from django.conf import settings
from django.db import DatabaseError
from django.utils.module_loading import import_string
from redis import RedisError

from accounts import tokens
from accounts.models import Token, User
from core.errors import Refused, Retryable
from core.push import RECHECK, user_channel
from core.push.hub import Topic, hub
from core.push.peers import Frame

Scope = Mapping[str, Any]

SOCKETS_MAX = 20  # private ones of one person in one process
MISSED = Frame(json.dumps({"type": "missed"}))


class Person(Topic):
    """The private channel of one person: messages as they come, nothing is kept."""

    listeners_max = SOCKETS_MAX

    def __init__(self, channel: str) -> None:
        super().__init__(channel)
        self.doubted = asyncio.Event()

    async def take(self, message: bytes) -> Frame | None:
        """Pass a message on; one of type `recheck` is for the sockets themselves."""
        if json.loads(message)["type"] != RECHECK:
            return Frame(message.decode())
        self.doubted.set()
        self.doubted = asyncio.Event()
        return None

    def newest(self) -> Frame | None:
        """For a listener that missed messages: read everything again."""
        return MISSED


async def doubt(doubted: asyncio.Event, *, within_s: float) -> None:
    """Wait until somebody says that a session may have ended, or until `within_s` are over.

    `doubted` is the person's, taken before the session was looked at: what is said while one looks
    counts too.
    """
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(doubted.wait(), within_s)


def channel_of(user: User) -> Person:
    """The topic all sockets of one person here share."""
    channel = user_channel(user.public_id)
    topic = hub.topics.setdefault(channel, Person(channel))
    assert isinstance(topic, Person)
    return topic


async def bearer(scope: Scope) -> Token | None:
    """The valid token of the Authorization header, if there is one; it needs the scope `read`."""
    text = _bearer_text(scope)
    if text is None:
        return None
    try:
        token: Token = await database_sync_to_async(tokens.find)(text)
    except Refused:
        return None
    return token if Token.Scope.READ.value in token.scopes else None


async def holder(scope: Scope) -> User | None:
    """Who holds the socket now: the token's person, else the session's, read anew each time.

    Raises Retryable while nobody can say, because PostgreSQL or Redis is away.
    """
    try:
        if _bearer_text(scope) is not None:
            token = await bearer(scope)
            return token.user if token else None
        store = import_string(f"{settings.SESSION_ENGINE}.SessionStore")
        user = await get_user({"session": store(scope["session"].session_key)})
    except (DatabaseError, RedisError) as error:
        raise Retryable("Sessions cannot be read at the moment.") from error
    return user if user.is_authenticated else None


def _bearer_text(scope: Scope) -> str | None:
    given = dict(scope["headers"]).get(b"authorization", b"").decode("latin-1")
    kind, _, text = given.partition(" ")
    return text.strip() if kind.lower() == "bearer" else None
