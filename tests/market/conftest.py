"""A publisher for the tests of the board."""

from collections.abc import Iterator

import pytest

from tests.market.frames import Publisher


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    """Boards of two bases, one epoch per test."""
    writer = Publisher("USD", "EUR")
    yield writer
    writer.end()
