"""The test world as a fixture, with the real clients pointed at it."""

from collections.abc import Iterator

import pytest
from pytest_django.fixtures import Settings

from tests.venue.server import VenueServer
from tradingsite.settings.env import ExchangeAddress


@pytest.fixture
def world(settings: Settings) -> Iterator[VenueServer]:
    """Kraken, Coinbase, Binance and the ECB on this machine."""
    with VenueServer() as server:
        settings.EXCHANGES = {
            name: ExchangeAddress(
                base_url=address["base_url"], ws_url=address["ws_url"], rate_limit_ms=0
            )
            for name, address in server.exchanges.items()
        }
        yield server
