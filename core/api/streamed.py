"""How is a long answer sent piece by piece by any server? Each piece is made when it is wanted."""

from collections.abc import AsyncIterator, Iterator
from typing import cast

from asgiref.sync import sync_to_async
from django.http import StreamingHttpResponse


class Streamed(StreamingHttpResponse):
    """An answer of synchronous pieces, which Django alone would collect whole under ASGI."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        pieces = iter(cast("Iterator[bytes]", self.streaming_content))

        def following() -> bytes | None:
            return next(pieces, None)

        while (piece := await sync_to_async(following)()) is not None:
            yield piece
