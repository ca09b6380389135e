"""What does Binance say? Crypto against USDT, which is not USD and never named so."""

from collections.abc import Mapping, Sequence
from typing import Any

from market.feeds import lean_ccxt
from market.feeds.venue import VenueFeed, called, coin_pairs
from market.inbox import RawTick

LEAN = {"showPermissionSets": "false", "symbolStatus": "TRADING"}  # else some 15 MB


class Binance(VenueFeed):
    """Spot only: the defaults of ccxt would ask the futures hosts as well."""

    name = "binance"
    options = {"fetchMarkets": {"types": ["spot"]}, "fetchCurrencies": False, "fetchMargins": False}

    def pairs(self, symbols: Sequence[str]) -> tuple[str, ...]:
        """Every coin's market against USDT."""
        return coin_pairs(symbols, quote="USDT")

    def list_markets(self, client: Any, pairs: Sequence[str]) -> list[dict[str, Any]]:
        """These markets; all of them where one of these is gone, which fails the narrow answer."""
        ids = [pair.replace("-", "") for pair in pairs]
        try:
            return list(client.fetch_markets({"symbols": client.json(ids)}))
        except lean_ccxt.errors().BadSymbol:
            return list(client.fetch_markets(LEAN))

    def ask(self, client: Any, ids: Sequence[str]) -> Any:
        """`ticker/24hr` for all markets at once."""
        return client.publicGetTicker24hr({"symbols": client.json(list(ids))})

    def read(self, body: Any, names: Mapping[str, str]) -> list[RawTick]:
        """Best bid and ask, last trade, volume of 24 hours, and Binance's own time."""
        return [
            RawTick(
                symbol=called(ticker.get("symbol"), names),
                bid=ticker.get("bidPrice"),
                ask=ticker.get("askPrice"),
                last=ticker.get("lastPrice"),
                volume=ticker.get("volume"),
                as_of=ticker.get("closeTime"),
            )
            for ticker in body
        ]

    async def subscribe(self, client: Any, markets: Sequence[str]) -> None:
        """The `ticker` streams, one message a second per market."""
        await client.watch_tickers(list(markets), {"name": "ticker"})

    def read_message(self, message: Any) -> list[RawTick] | None:
        """One market a message; its id is BASE and USDT written together."""
        if message.get("e") != "24hrTicker":
            return None
        return [
            RawTick(
                symbol=f"{message['s'].removesuffix('USDT')}-USDT",
                bid=message.get("b"),
                ask=message.get("a"),
                last=message.get("c"),
                volume=message.get("v"),
                as_of=message.get("E"),
            )
        ]
