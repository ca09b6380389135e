"""The test world speaks as the recorded venues do."""

import json
from typing import Any

import pytest

from tests import recorded
from tests.venue import coinbase, kraken, prices
from tests.venue.state import Venue


@pytest.fixture
def spot() -> Venue:
    return Venue("kraken", dict(prices.KRAKEN))


def shape(body: Any) -> Any:
    """Types instead of values, and only the first of a list."""
    if isinstance(body, dict):
        return {name: shape(value) for name, value in body.items()}
    if isinstance(body, list):
        return [shape(body[0])] if body else []
    return "number" if isinstance(body, int | float) else type(body).__name__


def said(name: str) -> Any:
    return shape(json.loads(recorded.path(f"ccxt/{name}.json").read_text()))


def within(part: dict[str, Any], whole: dict[str, Any]) -> bool:
    return part == {name: whole.get(name) for name in part}


def test_krakens_ticker_is_like_the_recorded_one(spot: Venue) -> None:
    body = shape(kraken.rest(spot, "/0/public/Ticker", {"pair": ["XXBTZUSD"]}))
    assert body["result"]["XXBTZUSD"] == said("kraken/http_ticker")["result"]["XBTUSDT"]


def test_krakens_markets_are_like_the_recorded_ones(spot: Venue) -> None:
    market = shape(kraken.rest(spot, "/0/public/AssetPairs", {}))["result"]["XXBTZUSD"]
    whole = said("kraken/http_asset_pairs")["result"]["XBTUSDT"]
    lists = {"leverage_buy": whole["leverage_buy"], "leverage_sell": whole["leverage_sell"]}
    assert within(market | lists, whole)


def test_krakens_candles_are_like_the_recorded_ones(spot: Venue) -> None:
    body = shape(kraken.rest(spot, "/0/public/OHLC", {"pair": ["XXBTZUSD"]}))
    assert body["result"]["XXBTZUSD"] == said("kraken/http_ohlc")["result"]["XBTUSDT"]


def test_krakens_streamed_ticker_is_like_the_recorded_one(spot: Venue) -> None:
    message = shape(json.loads(kraken.streamed("BTC-USD", spot.figures("BTC-USD"))))
    whole = said("kraken/ws_ticker_snapshot")
    assert within(message["data"][0], whole["data"][0])
    assert message["channel"] == whole["channel"]


def test_coinbases_products_are_like_the_recorded_ones(spot: Venue) -> None:
    body = shape(coinbase.rest(spot, "/market/products", {"product_ids": ["BTC-USD"]}))
    assert within(body["products"][0], said("coinbase/http_product") | {"alias_to": []})


def test_coinbases_ticker_is_like_the_recorded_one(spot: Venue) -> None:
    body = shape(coinbase.rest(spot, "/market/products/BTC-USD/ticker", {}))
    assert within(
        body | {"trades": said("coinbase/http_ticker")["trades"]}, said("coinbase/http_ticker")
    )


def test_coinbases_candles_are_like_the_recorded_ones(spot: Venue) -> None:
    body = shape(coinbase.rest(spot, "/market/products/BTC-USD/candles", {}))
    assert body == said("coinbase/http_candles")


def test_coinbases_streamed_ticker_is_like_the_recorded_one(spot: Venue) -> None:
    message = shape(json.loads(coinbase.streamed("BTC-USD", spot.figures("BTC-USD"))))
    whole = said("coinbase/ws_ticker")
    assert within(message["events"][0]["tickers"][0], whole["events"][0]["tickers"][0])
    assert message.keys() == whole.keys()


def test_it_refuses_a_fault_nobody_knows(spot: Venue) -> None:
    with pytest.raises(ValueError, match="sleepy"):
        spot.spoil("sleepy")
    assert spot.faults == {}
