"""Binance's shapes: `/api/v3/…` and the websocket `/ws/…`."""

import json
from typing import Any

from tests.venue.kraken import days
from tests.venue.state import Figures, Venue, text


def rest(venue: Venue, path: str, query: dict[str, list[str]]) -> Any:
    """The body of a public request; None where there is no such path."""
    ids = {symbol.replace("-", ""): symbol for symbol in venue.quotes}
    asked = json.loads(query["symbols"][0]) if "symbols" in query else list(ids)
    if "symbol" in query:
        asked = query["symbol"]
    if any(one not in ids for one in asked):
        return {"code": -1121, "msg": "Invalid symbol."}
    if path.endswith("/exchangeInfo"):
        return {"timezone": "UTC", "symbols": [_market(one, ids[one]) for one in asked]}
    if path.endswith("/ticker/24hr"):
        return [_ticker(one, venue.figures(ids[one])) for one in asked]
    if path.endswith("/klines"):
        return [_candle(*day) for day in days(venue, ids[asked[0]])]
    return None


def greeting() -> list[str]:
    """Binance waits for the client to speak."""
    return []


def subscribed(message: dict[str, Any]) -> tuple[list[str], list[str]]:
    """The markets a client asked for (`btcusdt@ticker`), and the acknowledgement."""
    ids = [one.split("@")[0].upper() for one in message["params"]]
    symbols = [f"{one.removesuffix('USDT')}-USDT" for one in ids]
    return symbols, [json.dumps({"result": None, "id": message["id"]})]


def streamed(symbol: str, figures: Figures) -> str:
    """One ticker message; figures are texts."""
    message = {
        "e": "24hrTicker",
        "E": int(figures["time"].timestamp() * 1000),
        "s": symbol.replace("-", ""),
        "c": text(figures["last"]),
        "a": text(figures["ask"]),
        "v": figures["volume"],
    }
    return json.dumps(message | ({"b": text(figures["bid"])} if "bid" in figures else {}))


def heartbeat() -> str:
    """Binance sends pings of the protocol only; a client ignores this."""
    return json.dumps({"result": None, "id": 0})


def _market(one: str, symbol: str) -> dict[str, Any]:
    base, quote = symbol.split("-")
    return {
        "symbol": one,
        "status": "TRADING",
        "baseAsset": base,
        "baseAssetPrecision": 8,
        "quoteAsset": quote,
        "quotePrecision": 8,
        "quoteAssetPrecision": 8,
        "orderTypes": ["LIMIT", "MARKET"],
        "isSpotTradingAllowed": True,
        "isMarginTradingAllowed": False,
        "filters": [
            {"filterType": "PRICE_FILTER", "minPrice": "0.01", "tickSize": "0.01"},
            {"filterType": "LOT_SIZE", "minQty": "0.00001", "stepSize": "0.00001"},
        ],
        "permissions": [],
        "permissionSets": [["SPOT"]],
    }


def _ticker(one: str, figures: Figures) -> dict[str, Any]:
    ticker = {
        "symbol": one,
        "lastPrice": text(figures["last"]),
        "askPrice": text(figures["ask"]),
        "volume": figures["volume"],
        "closeTime": int(figures["time"].timestamp() * 1000),
    }
    return ticker | ({"bidPrice": text(figures["bid"])} if "bid" in figures else {})


def _candle(start: int, open_: str, high: str, low: str, close: str) -> list[Any]:
    return [start * 1000, open_, high, low, close, "1000.0", start * 1000 + 86_399_999]
