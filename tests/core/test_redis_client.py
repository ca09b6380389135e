"""What does a Redis that hangs cost whoever asks it?"""

import socket
import time
from pathlib import Path
from typing import Any

import pytest
import redis

from core.push import redis_client


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
