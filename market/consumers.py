"""Who watches the board? `/ws/board/?base=USD&since=EPOCH:N`, for everybody.

The server sends JSON objects, one a frame:
  {"type": "snapshot", "base", "epoch", "seq", "as_of", "rows": […]}   the whole board; sets `seq`
  {"type": "delta", "base", "epoch", "seq", "as_of", "rows": […]}      only the rows that changed
  {"type": "beat", "base", "epoch", "seq", "now"}                      every 5 s: still alive
  {"type": "error", "error": {"code", "message", "details"}}           the last message was refused
A snapshot may come at any time (after a base switch, after the publisher restarted, and for a
listener that fell behind, in place of the deltas it missed). A delta whose `seq` is not greater
than the one known is ignored; one that is greater by more than one means: connect again with
`since`. `since` gives the missing deltas, or a snapshot when there are too many.
The client may send {"type": "base", "base": "EUR"}. At most 10 frames a second (else 1008) and
4 KB each (else 1009). Other closes: 4422 unknown base, 1013 not ready or full: come again with
back-off, 1012 the server restarts: come again at once.
The same frames come from `GET /sse/board/?base=` as server-sent events, `id` is EPOCH:N.
"""

import json
from typing import Any
from urllib.parse import parse_qs

from channels.generic.websocket import AsyncWebsocketConsumer

from core.api.refusal import error_body
from core.errors import Code, Refused
from core.push.hub import Full, hub
from core.push.peers import Peer, for_sockets
from market import board_mirror
from market.board_mirror import Mirror

UNKNOWN_BASE, TRY_AGAIN = 4422, 1013
PUZZLED = Refused(Code.MALFORMED, 'Send {"type": "base", "base": "EUR"}.')


class BoardConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]
    """One browser's view of one base; the hub sends, this door only listens."""

    board: Mirror | None = None
    peer: Peer

    async def connect(self) -> None:
        """Accept, and send what is missing since `since`, or the snapshot."""
        await self.accept()
        self.peer = Peer(send=self.base_send, encode=for_sockets)
        query = parse_qs(self.scope["query_string"].decode("latin-1"))
        try:
            await self.watch(query.get("base", ["USD"])[0], since=query.get("since", [""])[0])
        except Refused as refusal:
            await self.tell(refusal)
            unknown = refusal.code is Code.UNKNOWN_CURRENCY
            await self.close(UNKNOWN_BASE if unknown else TRY_AGAIN)
        except Full:
            await self.close(TRY_AGAIN)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Switch the base; a refused message changes nothing."""
        try:
            await self.watch(requested_base(text_data))
        except Refused as refusal:
            await self.tell(refusal)

    async def disconnect(self, code: int) -> None:
        """Leave the hub."""
        if self.board is not None:
            hub.leave(self.peer, self.board)

    async def watch(self, base: str, *, since: str = "") -> None:
        """Hear `base` from now on. Raises Refused for an unknown one, Full."""
        board = await board_mirror.find(base)
        if self.board is not None:
            hub.leave(self.peer, self.board)
        hub.join(self.peer, board, *board.since(since))
        self.board = board

    async def tell(self, refusal: Refused) -> None:
        """Say why the last message was refused."""
        body = error_body(refusal.code, refusal.message, refusal.details)
        await self.send(text_data=json.dumps({"type": "error"} | body))


def requested_base(text: str | None) -> str:
    """The base a client's message asks for; raises Refused `malformed` for any other message."""
    try:
        message: Any = json.loads(text or "")
    except (ValueError, RecursionError):
        raise PUZZLED from None
    match message:
        case {"type": "base", "base": str(base)}:
            return base
    raise PUZZLED
