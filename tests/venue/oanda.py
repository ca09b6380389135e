"""OANDA's shapes: v20 REST below `/v3/`, and the pricing stream, a JSON object a line."""

import json
import time
from datetime import UTC, datetime
from typing import Any

from tests.venue import kraken
from tests.venue.state import Figures, Venue, text

TOKEN = "practice-token-canary"
DAY_S = 86_400
STEPS_S = {"M1": 60, "M5": 300, "M15": 900, "H1": 3600, "H4": 14_400}
ACCOUNT = "101-004-1234567-001"


def allows(authorization: str) -> bool:
    """Whether the header opens the account."""
    return authorization == f"Bearer {TOKEN}"


def rest(venue: Venue, path: str, query: dict[str, list[str]]) -> Any:
    """The body of a request; None where there is no such path."""
    if path.endswith("/v3/accounts"):
        return {"accounts": [{"id": ACCOUNT, "tags": []}]}
    if path.endswith(f"/v3/accounts/{ACCOUNT}/instruments"):
        return {"instruments": [_market(one) for one in venue.quotes], "lastTransactionID": "6"}
    if path.endswith(f"/v3/accounts/{ACCOUNT}/pricing"):
        asked = query["instruments"][0].split(",")
        return {"prices": [price(one, venue.figures(_symbol(one))) for one in asked]}
    if path.endswith("/candles"):
        return _candles(venue, path.split("/")[-2], query)
    return None


def price(market: str, figures: Figures) -> dict[str, Any]:
    """One ClientPrice."""
    tradeable = figures.get("tradeable", True)
    said = {
        "type": "PRICE",
        "time": _time(figures["time"]),
        "bids": _offers(figures, "bid"),
        "asks": _offers(figures, "ask"),
        "closeoutBid": text(figures.get("bid")),
        "closeoutAsk": text(figures.get("ask")),
        "status": "tradeable" if tradeable else "non-tradeable",
        "tradeable": tradeable,
        "instrument": market,
    }
    return {name: value for name, value in said.items() if value != []}


def streamed(symbol: str, figures: Figures) -> str:
    """One line of the stream."""
    return json.dumps(price(symbol.replace("-", "_"), figures))


def heartbeat() -> str:
    """Said every five seconds, traded or not."""
    return json.dumps({"type": "HEARTBEAT", "time": "2026-11-20T10:00:00.000000000Z"})


def subscribed(asked: str) -> list[str]:
    """The markets a stream was asked for."""
    return [_symbol(one) for one in asked.split(",")]


def _symbol(market: str) -> str:
    return market.replace("_", "-")


def _offers(figures: Figures, side: str) -> list[dict[str, Any]]:
    if side not in figures:
        return []
    worse = {"price": figures[side], "liquidity": 10_000_000}
    return [{"price": text(figures[side]), "liquidity": 1_000_000}, worse]


def _market(symbol: str) -> dict[str, Any]:
    return {
        "name": symbol.replace("-", "_"),
        "type": "CFD" if symbol.startswith("BTC") else "CURRENCY",
        "displayName": symbol.replace("-", "/"),
        "pipLocation": -4,
        "displayPrecision": 5,
    }


def _candles(venue: Venue, market: str, query: dict[str, list[str]]) -> dict[str, Any]:
    step_s = STEPS_S.get(query["granularity"][0])
    if step_s is None:
        days = list(kraken.days(venue, _symbol(market)))
    else:
        start = int(datetime.fromisoformat(query["from"][0]).timestamp())
        known = kraken.bars(venue, _symbol(market), step_s, 10**6, start)
        days = list(known)[: int(query["count"][0])]
    return {
        "instrument": market,
        "granularity": query["granularity"][0],
        "candles": [
            {
                "complete": one[0] + (step_s or DAY_S) <= time.time(),
                "volume": 98_364,
                "time": _time(datetime.fromtimestamp(one[0], UTC)),
                "mid": dict(zip("ohlc", one[1:], strict=True)),
            }
            for one in days
        ],
    }


def _time(moment: datetime) -> str:
    """RFC 3339 with nanoseconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f") + "000Z"
