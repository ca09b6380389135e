"""Kraken's shapes: `/0/public/…` and the websocket `/v2`."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from math import isfinite
from typing import Any

from tests.venue.state import Figures, Venue, text

DAY_S, MEMORY = 86_400, 720
OLD_NAMES = {"BTC": "XXBT", "ETH": "XETH", "XRP": "XXRP", "LTC": "XLTC", "DOGE": "XXDG"}
OLD_FIAT = {name: f"Z{name}" for name in ("USD", "EUR", "GBP", "JPY", "CAD", "AUD")}


def identity(symbol: str) -> str:
    """Kraken's id of a market: XXBTZUSD, SOLUSD, ZEURZUSD."""
    base, quote = symbol.split("-")
    if symbol == "DOGE-USD":
        return "XDGUSD"
    if base in OLD_NAMES and quote == "USD":
        return OLD_NAMES[base] + "ZUSD"
    if symbol in ("EUR-USD", "GBP-USD", "USD-JPY", "USD-CAD", "USDT-USD"):
        return OLD_FIAT.get(base, base) + OLD_FIAT[quote]
    return base + quote


def rest(venue: Venue, path: str, query: dict[str, list[str]]) -> Any:
    """The body of a public request; None where there is no such path."""
    ids = {identity(symbol): symbol for symbol in venue.quotes}
    asked = query.get("pair", [""])[0].split(",")
    if path.endswith("/AssetPairs"):
        return _result({one: _market(one, symbol) for one, symbol in ids.items()})
    if any(one not in ids for one in asked):
        return {"error": ["EQuery:Unknown asset pair"]}
    if path.endswith("/Ticker"):
        return _result({one: _ticker(venue.figures(ids[one])) for one in asked})
    if path.endswith("/OHLC"):
        step_s = 60 * int(query.get("interval", ["1"])[0])
        since = int(query.get("since", ["0"])[0])
        bars = _bars(venue, ids[asked[0]], step_s, since)
        return _result({asked[0]: bars, "last": 0})
    return None


def greeting() -> list[str]:
    """What a new websocket hears first."""
    status = {"system": "online", "api_version": "v2", "connection_id": 1, "version": "2.0.10"}
    return [json.dumps({"channel": "status", "type": "update", "data": [status]})]


def subscribed(message: dict[str, Any]) -> tuple[list[str], list[str]]:
    """The markets a client asked for, and the acknowledgements."""
    symbols = [one.replace("/", "-") for one in message["params"]["symbol"]]
    answers = [
        {
            "method": "subscribe",
            "result": {"channel": "ticker", "snapshot": True, "symbol": one.replace("-", "/")},
            "success": True,
            "req_id": message.get("req_id"),
        }
        for one in symbols
    ]
    return symbols, [json.dumps(answer) for answer in answers]


def streamed(symbol: str, figures: Figures) -> str:
    """One ticker message; figures are JSON numbers."""
    ticker: dict[str, Any] = {
        "symbol": symbol.replace("-", "/"),
        **{name: _number(figures[name]) for name in ("bid", "ask", "last") if name in figures},
        "bid_qty": 2.5,
        "ask_qty": 3.2,
        "volume": _number(figures["volume"]),
        "timestamp": figures["time"].isoformat().replace("+00:00", "Z"),
    }
    return json.dumps({"channel": "ticker", "type": "update", "data": [ticker]})


def heartbeat() -> str:
    """Said every second on a live socket."""
    return json.dumps({"channel": "heartbeat"})


def _number(figure: Any) -> Any:
    """As a JSON number; JSON has none for NaN and infinity."""
    try:
        number = float(figure)
    except (TypeError, ValueError):
        return figure
    return number if isfinite(number) else str(figure)


def _result(result: Any) -> dict[str, Any]:
    return {"error": [], "result": result}


def _market(one: str, symbol: str) -> dict[str, Any]:
    base, quote = symbol.split("-")
    return {
        "altname": one,
        "wsname": symbol.replace("-", "/"),
        "aclass_base": "currency",
        "base": OLD_NAMES.get(base, OLD_FIAT.get(base, base)),
        "aclass_quote": "currency",
        "quote": OLD_FIAT.get(quote, quote),
        "lot": "unit",
        "cost_decimals": 5,
        "pair_decimals": 5,
        "lot_decimals": 8,
        "lot_multiplier": 1,
        "leverage_buy": [],
        "leverage_sell": [],
        "fees": [[0, 0.4]],
        "fees_maker": [[0, 0.25]],
        "fee_volume_currency": "ZUSD",
        "ordermin": "0.00005",
        "costmin": "0.5",
        "tick_size": "0.00001",
        "status": "online",
    }


def _ticker(figures: Figures) -> dict[str, Any]:
    last, volume = text(figures["last"]), figures["volume"]
    ticker = {
        "a": [text(figures.get("ask")), "1", "1.000"],
        "b": [text(figures.get("bid")), "1", "1.000"],
        "c": [last, "0.00009443"],
        "v": [volume, volume],
        "p": [last, last],
        "t": [35, 3276],
        "l": [last, last],
        "h": [last, last],
        "o": last,
    }
    return {name: value for name, value in ticker.items() if name != "b" or "bid" in figures}


def _bars(venue: Venue, symbol: str, step_s: int, since: int) -> list[list[Any]]:
    """The last 720 at most, younger than `since`; the last one still forms."""
    known = days(venue, symbol) if step_s == DAY_S else bars(venue, symbol, step_s, MEMORY, since)
    return [
        [start, open_, high, low, close, close, "1000.0", 100]
        for start, open_, high, low, close in known
        if start > since
    ]


def bars(
    venue: Venue, symbol: str, step_s: int, count: int, start: int, end: int = 0
) -> Iterable[tuple[int, str, str, str, str]]:
    """Candles from `start` to now (or `end`), the last `count` of them, but for outages."""
    now = int(datetime.now(UTC).timestamp()) // step_s * step_s
    close, first = float(venue.quotes[symbol][0]), max(now - (count - 1) * step_s, start)
    for at in range(-(-first // step_s) * step_s, min(end or now, now) + 1, step_s):
        if not any(begins <= at < ends for begins, ends in venue.outages):
            level = close * (1 + (at // step_s % 100 - 50) / 10_000)
            open_, high, low = (f"{level * part:.8f}" for part in (0.999, 1.002, 0.997))
            yield at, open_, high, low, f"{level:.8f}"


def days(venue: Venue, symbol: str, count: int = 40) -> Iterable[tuple[int, str, str, str, str]]:
    """Daily candles up to today, oldest first: a slow rise to the present bid."""
    today = int(datetime.now(UTC).timestamp()) // 86_400
    close = float(venue.quotes[symbol][0])
    for age in range(count - 1, -1, -1):
        level = close * (1 - age / 1000)
        open_, high, low = (f"{level * part:.8f}" for part in (0.999, 1.002, 0.997))
        yield (today - age) * 86_400, open_, high, low, f"{level:.8f}"
