"""What happens to me? `/ws/me/`: the private messages of one signed-in person.

First {"type": "ready"}, then whatever the rooms tell this person (`core.push.tell_user`): JSON
objects with a `type`, such as "balances" or "notification". They are hints: the page reads what
changed from where it always does. {"type": "missed"} stands in for messages a slow page could not
take: read everything. Closes: 4401 not, or no longer, signed in; 1013 too many
sockets, or a store is away: come again.
"""

import asyncio

from channels.generic.websocket import AsyncWebsocketConsumer

from accounts import presence
from accounts.models import User
from accounts.presence import Person
from core.errors import Retryable
from core.push.hub import Full, hub
from core.push.peers import Frame, Peer, for_sockets

SIGNED_OUT, TRY_AGAIN = 4401, 1013
CHECK_EVERY_S = 60.0  # sessions also end by age, and a message that says so may be lost
SETTLED_S = 0.3  # Django says that somebody signs out just before the session is gone
READY = Frame('{"type": "ready"}')


class MeConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]
    """One page of one person."""

    person: Person | None = None
    checking: asyncio.Task[None] | None = None
    peer: Peer

    async def connect(self) -> None:
        """Accept, so that the page can read the reason of a refusal."""
        await self.accept()
        self.peer = Peer(send=self.base_send, encode=for_sockets)
        try:
            user = await presence.holder(self.scope)
            if user is None:
                await self.close(SIGNED_OUT)
            else:
                self.join(user, presence.channel_of(user))
        except (Full, Retryable):
            await self.close(TRY_AGAIN)

    def join(self, user: User, person: Person) -> None:
        """Hear this person's messages for as long as the session holds; raises Full."""
        hub.join(self.peer, person, READY)
        self.person = person
        self.checking = asyncio.create_task(self.keep_checking(user, person))

    async def keep_checking(self, user: User, person: Person) -> None:
        """Close the socket once its session or token has ended, or nobody can say."""
        try:
            doubted = person.doubted
            while await presence.holder(self.scope) == user:
                await presence.doubt(doubted, within_s=CHECK_EVERY_S)
                doubted = person.doubted
                await asyncio.sleep(SETTLED_S)
            await self.close(SIGNED_OUT)
        except Retryable:
            await self.close(TRY_AGAIN)

    async def disconnect(self, code: int) -> None:
        """Leave the hub."""
        if self.person is not None:
            hub.leave(self.peer, self.person)
        if self.checking is not None:
            self.checking.cancel()
