"""A publisher for the tests of the board, and a Redis that goes away."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from core.push import redis_client
from market import simulation
from market.simulation import Heard
from tests.market.frames import Publisher


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    """Boards of two bases, one epoch per test."""
    writer = Publisher("USD", "EUR")
    yield writer
    writer.end()


@pytest.fixture
def lose_redis(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[Callable[[], None]]:
    """Of a process that has not asked yet which market is simulated."""
    monkeypatch.setattr(simulation, "LAST", Heard())

    def lose() -> None:
        redis_client.cache_clear()
        settings.REDIS_URL = "unix:///nowhere"

    yield lose
    redis_client.cache_clear()
