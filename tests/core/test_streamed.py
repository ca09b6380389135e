"""Is a long answer sent piece by piece, whoever serves it?"""

import asyncio
import warnings
from collections.abc import Iterator

from core.api.streamed import Streamed


def pieces(made: list[int]) -> Iterator[str]:
    for number in range(3):
        made.append(number)
        yield str(number)


def test_under_wsgi_it_is_an_iterator() -> None:
    assert list(Streamed(pieces([]))) == [b"0", b"1", b"2"]


def test_under_asgi_each_piece_is_made_when_it_is_wanted() -> None:
    made: list[int] = []

    async def first() -> bytes:
        return await anext(aiter(Streamed(pieces(made))))

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert asyncio.run(first()) == b"0"
    assert made == [0]
