"""What does a Redis that hangs cost whoever asks it?"""

import asyncio
import socket
import time
from pathlib import Path
from typing import Any

import pytest
import redis

from core.push import async_redis, redis_client


def test_a_hung_redis_costs_a_command_two_seconds(tmp_path: Path, settings: Any) -> None:
    path = tmp_path / "redis.sock"
    with socket.socket(socket.AF_UNIX) as hung:
        hung.bind(str(path))
        hung.listen()
        settings.REDIS_URL = f"unix://{path}"
        client, begun = redis_client.__wrapped__(), time.monotonic()
        with client, pytest.raises(redis.TimeoutError):
            client.get("price")
    assert 1.5 < time.monotonic() - begun < 4


@pytest.mark.parametrize("turns", range(12))
def test_a_command_that_is_cancelled_ends_its_task(turns: int) -> None:
    async def cancel_after_some_turns() -> tuple[bool, bool]:
        async with async_redis() as client:
            await client.ping()  # from here on the connection stands
            asking = asyncio.ensure_future(client.set("asked", "1"))
            for _ in range(turns):
                await asyncio.sleep(0)
            was_under_way = asking.cancel()
            await asyncio.wait({asking})
        return was_under_way, asking.cancelled()

    was_under_way, was_cancelled = asyncio.run(cancel_after_some_turns())
    assert was_cancelled == was_under_way
