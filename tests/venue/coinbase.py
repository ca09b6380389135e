"""Coinbase's shapes: `/api/v3/brokerage/market/…` and its websocket."""

import json
from collections.abc import Iterable
from typing import Any

from tests.venue.kraken import DAY_S, bars, days
from tests.venue.state import Figures, Venue, text

STEPS_S = {"ONE_MINUTE": 60, "FIVE_MINUTE": 300, "FIFTEEN_MINUTE": 900, "ONE_HOUR": 3600}


def rest(venue: Venue, path: str, query: dict[str, list[str]]) -> Any:
    """The body of a public request; None where there is no such path."""
    if path.endswith("/market/products"):
        products = [_product(venue, one) for one in venue.traded(query.get("product_ids", []))]
        return {"products": products, "num_products": len(products)}
    symbol = path.split("/")[-2]
    if symbol not in venue.quotes:
        return None
    if path.endswith("/candles"):
        return {"candles": [_candle(*bar) for bar in _bars(venue, symbol, query)][::-1]}
    figures = venue.figures(symbol)
    best = {"best_ask": text(figures["ask"])}
    best |= {"best_bid": text(figures["bid"])} if "bid" in figures else {}
    return {"trades": []} | best


def greeting() -> list[str]:
    """Coinbase waits for the client to speak."""
    return []


def subscribed(message: dict[str, Any]) -> tuple[list[str], list[str]]:
    """The markets a client asked for, and the acknowledgement."""
    ids = message["product_ids"]
    return ids, [_message("subscriptions", [{"subscriptions": {message["channel"]: ids}}], "")]


def streamed(symbol: str, figures: Figures) -> str:
    """One ticker message; figures are texts."""
    ticker = {
        "type": "ticker",
        "product_id": symbol,
        "price": text(figures["last"]),
        "volume_24_h": figures["volume"],
        "best_ask": text(figures["ask"]),
        "best_ask_quantity": "0.50000000",
        "best_bid_quantity": "1.50000000",
    }
    ticker |= {"best_bid": text(figures["bid"])} if "bid" in figures else {}
    moment = figures["time"].isoformat().replace("+00:00", "Z")
    return _message("ticker", [{"type": "update", "tickers": [ticker]}], moment)


def heartbeat() -> str:
    """Said every second on a live socket."""
    return _message("heartbeats", [{"heartbeat_counter": 1}], "")


def _message(channel: str, events: list[Any], moment: str) -> str:
    return json.dumps(
        {
            "channel": channel,
            "client_id": "",
            "timestamp": moment,
            "sequence_num": 1,
            "events": events,
        }
    )


def _product(venue: Venue, symbol: str) -> dict[str, Any]:
    base, quote = symbol.split("-")
    figures = venue.figures(symbol)
    return {
        "product_id": symbol,
        "price": text(figures["last"]),
        "volume_24h": figures["volume"],
        "base_increment": "0.00000001",
        "quote_increment": "0.00001",
        "quote_min_size": "1",
        "quote_max_size": "150000000",
        "base_min_size": "0.00000001",
        "base_max_size": "3400",
        "is_disabled": False,
        "status": "online",
        "trading_disabled": False,
        "product_type": "SPOT",
        "quote_currency_id": quote,
        "base_currency_id": base,
        "fcm_trading_session_details": None,
        "alias": "",
        "alias_to": [],
        "view_only": False,
        "price_increment": "0.00001",
        "display_name": symbol,
        "best_bid_price": "",
        "best_ask_price": "",
    }


def _bars(
    venue: Venue, symbol: str, query: dict[str, list[str]]
) -> Iterable[tuple[int, str, str, str, str]]:
    """At most 300 between `start` and `end`."""
    step_s = STEPS_S.get(query.get("granularity", [""])[0], DAY_S)
    if step_s == DAY_S:
        return days(venue, symbol)
    start, end = (int(query[name][0]) for name in ("start", "end"))
    return list(bars(venue, symbol, step_s, 10**6, start, end))[:300]


def _candle(start: int, open_: str, high: str, low: str, close: str) -> dict[str, str]:
    return {
        "start": str(start),
        "low": low,
        "high": high,
        "open": open_,
        "close": close,
        "volume": "1000.0",
    }
