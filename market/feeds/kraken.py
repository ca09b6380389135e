"""What does Kraken say? Crypto against USD, and the keyless live source of six fiat pairs."""

from collections.abc import Mapping, Sequence
from typing import Any

from market.feeds.venue import VenueFeed, called, coin_pairs
from market.inbox import RawTick

FIAT = ("EUR-USD", "GBP-USD", "AUD-USD", "USD-JPY", "USD-CHF", "USD-CAD")


class Kraken(VenueFeed):
    """Kraken's REST tickers have no time; its streamed ones (v2) have."""

    name = "kraken"
    page = 720
    forgets = True

    def pairs(self, symbols: Sequence[str]) -> tuple[str, ...]:
        """Six fiat pairs and every coin's market against USD."""
        return tuple(one for one in symbols if one in FIAT) + coin_pairs(symbols, quote="USD")

    def list_markets(self, client: Any, pairs: Sequence[str]) -> list[dict[str, Any]]:
        """All of Kraken's: asking for one that is gone would fail the whole answer."""
        return list(client.fetch_markets())

    def ask(self, client: Any, ids: Sequence[str]) -> Any:
        """`/0/public/Ticker` for all markets at once."""
        return client.publicGetTicker({"pair": ",".join(ids)})

    def read(self, body: Any, names: Mapping[str, str]) -> list[RawTick]:
        """Best bid and ask, last trade, volume of 24 hours."""
        return [
            RawTick(
                symbol=called(market, names),
                bid=_at(ticker, "b", 0),
                ask=_at(ticker, "a", 0),
                last=_at(ticker, "c", 0),
                volume=_at(ticker, "v", 1),
            )
            for market, ticker in body["result"].items()
        ]

    async def subscribe(self, client: Any, markets: Sequence[str]) -> None:
        """The `ticker` channel, a message whenever the best bid or ask changes."""
        await client.watch_tickers(list(markets), {"event_trigger": "bbo"})

    def read_message(self, message: Any) -> list[RawTick] | None:
        """Figures come as JSON numbers here; their shortest text is what the venue wrote."""
        if message.get("channel") != "ticker":
            return None
        return [
            RawTick(
                symbol=ticker["symbol"].replace("/", "-"),
                bid=ticker.get("bid"),
                ask=ticker.get("ask"),
                last=ticker.get("last"),
                volume=ticker.get("volume"),
                as_of=ticker.get("timestamp"),
            )
            for ticker in message["data"]
        ]


def _at(ticker: Any, name: str, place: int) -> object:
    """One figure of a list such as `"b": ["1.17310", "500", "500.000"]`; None where it is not."""
    figures = ticker.get(name) if isinstance(ticker, dict) else None
    return figures[place] if isinstance(figures, list) and len(figures) > place else figures
