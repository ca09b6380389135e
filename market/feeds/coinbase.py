"""What does Coinbase say? Crypto against USD."""

from collections.abc import Mapping, Sequence
from time import monotonic
from typing import Any

from market.feeds.venue import TIMEOUT_S, VenueFeed, called, coin_pairs
from market.inbox import RawTick

SPOT = {"product_type": "SPOT"}


class Coinbase(VenueFeed):
    """The public product list leaves bid and ask empty; the single tickers have them."""

    name = "coinbase"
    intervals = ("1m", "5m", "15m", "1h", "1d")

    def pairs(self, symbols: Sequence[str]) -> tuple[str, ...]:
        """Every coin's market against USD."""
        return coin_pairs(symbols, quote="USD")

    def list_markets(self, client: Any, pairs: Sequence[str]) -> list[dict[str, Any]]:
        """The products of these names; one that is gone is just not in the answer."""
        return [
            client.parse_spot_market(product, {})
            for product in _products(client, pairs)
            if product.get("product_id") in pairs
        ]

    def ask(self, client: Any, ids: Sequence[str]) -> Any:
        """The product list for last price and volume, then each product's best bid and ask.

        Products whose turn does not come in time are left with their last price.
        """
        over_at = monotonic() + TIMEOUT_S
        products = _products(client, ids)
        for product in products:
            if product.get("product_id") in ids and monotonic() < over_at:
                product |= _best(client, product)
        return products

    def read(self, body: Any, names: Mapping[str, str]) -> list[RawTick]:
        """Best bid and ask, last trade, volume of 24 hours; a REST answer has no time."""
        return [
            RawTick(
                symbol=called(product.get("product_id"), names),
                bid=product.get("best_bid_price") or None,
                ask=product.get("best_ask_price") or None,
                last=product.get("price"),
                volume=product.get("volume_24h"),
            )
            for product in body
        ]

    async def subscribe(self, client: Any, markets: Sequence[str]) -> None:
        """The `ticker` channel, a message per trade (ccxt's own choice speaks every 5 s only)."""
        await client.subscribe_multiple("ticker", False, list(markets))  # noqa: FBT003

    def read_message(self, message: Any) -> list[RawTick] | None:
        """Every event's tickers, all at the time of the message."""
        if message.get("channel") != "ticker":
            return None
        return [
            RawTick(
                symbol=ticker["product_id"],
                bid=ticker.get("best_bid"),
                ask=ticker.get("best_ask"),
                last=ticker.get("price"),
                volume=ticker.get("volume_24_h"),
                as_of=message.get("timestamp"),
            )
            for event in message["events"]
            for ticker in event["tickers"]
            if ticker.get("product_id")  # Coinbase opens with an empty one now and then
        ]


def _products(client: Any, ids: Sequence[str]) -> list[dict[str, Any]]:
    body = client.v3PublicGetBrokerageMarketProducts(SPOT | {"product_ids": list(ids)})
    return list(body["products"])


def _best(client: Any, product: Mapping[str, Any]) -> dict[str, Any]:
    if product.get("best_bid_price") and product.get("best_ask_price"):
        return {}
    body = client.v3PublicGetBrokerageMarketProductsProductIdTicker(
        {"product_id": product["product_id"], "limit": 1}
    )
    return {"best_bid_price": body.get("best_bid"), "best_ask_price": body.get("best_ask")}
