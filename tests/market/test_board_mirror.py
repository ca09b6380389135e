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


@pytest.mark.asyncio
async def test_a_delta_that_comes_after_a_newer_snapshot_is_not_passed_on(
    publisher: Publisher, forgetful: None
) -> None:
    late = publisher.delta("USD", "EUR").encode()
    publisher.delta("USD", "JPY")
    mirror = await board_mirror.find("USD")
    assert await mirror.take(late) is None
    assert mirror.board.seq == publisher.seq["USD"] == 3
