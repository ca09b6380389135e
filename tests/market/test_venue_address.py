"""Where a venue lives is the operator's to say."""

import pytest

from core.errors import Broken
from market import venue_address
from market.feeds import lean_ccxt
from market.venue_address import moved
from tradingsite.settings.env import ExchangeAddress

REST, WS = "http://127.0.0.1:9000/kraken", "ws://127.0.0.1:9000"


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://api.kraken.com", "http://127.0.0.1:9000/kraken"),
        ("https://api.binance.com/api/v3", "http://127.0.0.1:9000/kraken/api/v3"),
        ("https://{hostname}/v5", "http://127.0.0.1:9000/kraken/v5"),
        ("wss://ws.kraken.com/v2", "ws://127.0.0.1:9000/v2"),
        ("wss://stream.binance.com:9443/ws", "ws://127.0.0.1:9000/ws"),
    ],
)
def test_scheme_and_host_are_replaced_and_the_path_kept(address: str, expected: str) -> None:
    assert moved(address, base_url=REST, ws_url=WS) == expected


def test_addresses_of_a_kind_nobody_moved_stay() -> None:
    tree = {"ws": {"public": "wss://a/x"}, "public": "https://b/y", "version": None}
    only_rest = moved(tree, base_url=REST, ws_url=None)
    assert only_rest == {"ws": {"public": "wss://a/x"}, "public": f"{REST}/y", "version": None}


@pytest.mark.parametrize("venue", ["kraken", "coinbase", "binance"])
def test_no_address_of_a_moved_venue_is_left(settings, venue: str) -> None:
    settings.EXCHANGES = {venue: ExchangeAddress(base_url=REST, ws_url=WS)}
    client = venue_address.settle(lean_ccxt.socket_class(venue)(), venue)
    left = str(client.urls["api"])
    assert "https://" not in left
    assert "wss://" not in left


def test_the_operators_options_reach_the_client(settings) -> None:
    settings.EXCHANGES = {"kraken": ExchangeAddress(options={"delistedMarketsById": {"A": 1}})}
    client = venue_address.settle(lean_ccxt.rest_class("kraken")(), "kraken")
    assert client.options["delistedMarketsById"] == {"A": 1}


def test_it_refuses_a_sandbox_that_is_none(settings) -> None:
    settings.EXCHANGES = {"kraken": ExchangeAddress(sandbox=True)}
    with pytest.raises(Broken, match="kraken has none"):
        venue_address.settle(lean_ccxt.rest_class("kraken")(), "kraken")


def test_binance_has_a_sandbox(settings) -> None:
    settings.EXCHANGES = {"binance": ExchangeAddress(sandbox=True)}
    client = venue_address.settle(lean_ccxt.rest_class("binance")(), "binance")
    assert "testnet" in client.urls["api"]["public"]
