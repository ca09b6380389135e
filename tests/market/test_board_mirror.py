"""Does a process's copy of a board stay one, and true?"""

import asyncio

import pytest

from core.push.hub import hub
from market import board_mirror
from tests.market.frames import Publisher


@pytest.fixture
def forgetful() -> None:
    hub.topics.clear()


@pytest.mark.asyncio
async def test_those_who_come_at_once_share_one_mirror(
    publisher: Publisher, forgetful: None
) -> None:
    first, second = await asyncio.gather(board_mirror.find("USD"), board_mirror.find("usd"))
    assert first is second is board_mirror.known("USD")
