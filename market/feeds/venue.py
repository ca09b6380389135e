"""How is an exchange asked for prices? What Kraken, Coinbase and Binance have in common.

ccxt keeps addresses, sessions, rate limits and subscriptions. The figures are read from the
venue's own body: ccxt would turn text into floats, and one NaN into an error for the whole answer.
"""

import asyncio
import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from typing import Any, ClassVar, TypeVar
from urllib.parse import urlsplit

from core import clock
from market import bodies, venue_address
from market.feeds import bounded, lean_ccxt
from market.feeds.answers import UNREADABLE, Answer, trouble
from market.feeds.feed import Ear, Trouble
from market.inbox import Batch, RawCandle, RawTick

Answered = TypeVar("Answered")

TIMEOUT_S = 4
FIAT_BASES = ("EUR", "GBP", "AUD", "NZD")  # by market convention; other fiat stands behind USD


class VenueFeed(ABC):
    """One exchange: a subclass says which markets, which request, and where the figures stand."""

    name: ClassVar[str]
    options: ClassVar[Mapping[str, Any]] = {}
    intervals: Sequence[str] = ("1m", "5m", "15m", "1h", "4h", "1d")
    page: int = 300
    forgets: bool = False
    has_volume: bool = True

    def __init__(self) -> None:
        self._client: Any = None
        self._answer: Answer | None = None
        self._pairs: tuple[str, ...] | None = None

    @abstractmethod
    def pairs(self, symbols: Sequence[str]) -> tuple[str, ...]:
        """The venue's markets that say something about these instruments, as BASE-QUOTE."""

    @abstractmethod
    def list_markets(self, client: Any, pairs: Sequence[str]) -> list[dict[str, Any]]:
        """ccxt's description of markets, of these at least."""

    @abstractmethod
    def ask(self, client: Any, ids: Sequence[str]) -> Any:
        """One request for the tickers of all these markets; the venue's own body."""

    @abstractmethod
    def read(self, body: Any, names: Mapping[str, str]) -> list[RawTick]:
        """Ticks of such a body, unjudged; `names` tells the pair of a market's id."""

    @abstractmethod
    async def subscribe(self, client: Any, markets: Sequence[str]) -> None:
        """Ask a streaming client for tickers; returns or raises only when the stream has ended."""

    @abstractmethod
    def read_message(self, message: Any) -> list[RawTick] | None:
        """Ticks of one streamed message; None when it is not about prices."""

    def fetch(self, symbols: Sequence[str]) -> Batch:
        """One answer about all its markets; raises Trouble."""
        names = self.listed(symbols)
        ticks = self._asked(lambda client: self.read(self.ask(client, list(names)), names))
        return Batch(self.name, "rest", clock.now(), ticks=tuple(ticks))

    def pause_s(self) -> float:
        """A venue's prices move all the time."""
        return 0.0

    def candles(self, pair: str, *, days: int) -> Batch:
        """The latest daily candles (UTC) of one listed market; raises Trouble."""
        since = int((clock.now() - timedelta(days=days)).timestamp() * 1000)
        rows = self._asked(
            lambda client: client.fetch_ohlcv(pair.replace("-", "/"), "1d", since, days)
        )
        candles = tuple(RawCandle(pair, *row) for row in rows[-days:])
        return Batch(self.name, "rest", clock.now(), candles=candles)

    def history(
        self, pair: str, interval: str, *, since: datetime, count: int
    ) -> tuple[RawCandle, ...]:
        """Candles of one listed market, `count` (at most `page`) asked for; raises Trouble."""
        at, name = int(since.timestamp() * 1000), pair.replace("-", "/")

        def page(client: Any) -> list[Any]:
            rows: list[Any] = client.fetch_ohlcv(name, interval, at, count)
            # To ccxt an HTML page is one without candles, and so is any other body.
            if self._answer is not None and not _has_list(json.loads(self._answer.body)):
                raise ValueError("no list of candles")
            return rows

        return tuple(RawCandle(pair, *row) for row in self._asked(page))

    def listed(self, symbols: Sequence[str]) -> dict[str, str]:
        """Pair by market id, of the markets the venue trades now; raises Trouble.

        Asked once, and again when other instruments are wanted or a market has gone.
        """
        pairs = self.pairs(symbols)
        if pairs != self._pairs:
            self.list_anew(pairs)
        return {market["id"]: _pair(market) for market in self._client.markets.values()}

    def list_anew(self, pairs: tuple[str, ...]) -> None:
        """Ask the venue which of these markets it trades; raises Trouble."""
        known = self._asked(lambda client: self.list_markets(client, pairs))
        wanted = [one for one in known if one["active"] and one["spot"] and _pair(one) in pairs]
        if not wanted:
            raise Trouble("malformed", f"lists none of {', '.join(pairs)}")
        self._client.set_markets(wanted)
        self._pairs = pairs

    async def stream(self, symbols: Sequence[str], ear: Ear) -> None:
        """ccxt.pro connects and subscribes; its messages are heard by `ear`, unread by ccxt."""
        await asyncio.to_thread(self.listed, symbols)
        client = self._streaming(ear)
        client.set_markets(list(self._client.markets.values()))
        ear.begin()
        try:
            await self.subscribe(client, list(client.symbols))
        finally:
            with suppress(Exception):  # the connection is given up, whatever ccxt says to that
                await client.close()

    def _streaming(self, ear: Ear) -> Any:
        made = lean_ccxt.socket_class(self.name)(self.settings())
        client = venue_address.settle(made, self.name)
        understand = client.handle_message

        def hear(connection: Any, message: Any) -> None:
            if not ear.hear(message):
                understand(connection, message)

        client.handle_message = hear
        client.timeout_on_exit = 0
        return client

    def settings(self) -> dict[str, Any]:
        """What every ccxt client of this venue is made with."""
        return {
            "timeout": TIMEOUT_S * 1000,
            "requests_trust_env": True,
            "aiohttp_trust_env": True,
            "number": str,
            "options": dict(self.options),
        }

    def _asked(self, question: Callable[[Any], Answered]) -> Answered:
        """The answer to a question put to ccxt; raises Trouble."""
        errors = lean_ccxt.errors()
        self._answer = None
        try:
            return question(self._connected())
        except (errors.BaseError, *UNREADABLE) as error:
            if isinstance(error, errors.BadSymbol):
                self._pairs = None
            raise trouble(self._answer, error) from error

    def _connected(self) -> Any:
        if self._client is None:
            made = lean_ccxt.rest_class(self.name)(self.settings())
            self._client = venue_address.settle(made, self.name)
            for scheme in ("https://", "http://"):
                self._client.session.mount(scheme, bounded.Adapter())
            self._client.on_rest_response = self._remember
            self._client.parse_ohlcvs = partial(_every_candle, self._client)
        return self._client

    def _remember(self, status: int, reason: str, url: str, method: str, *rest: Any) -> str:
        headers, body, *_ = rest
        self._answer = Answer(status, headers, str(body))
        bodies.keep(self.name, urlsplit(url).path, status=status, body=str(body))
        return str(body).strip()


def called(market: Any, names: Mapping[str, str]) -> Any:
    """The pair of a market's id. One nobody asked for keeps the venue's name, to be refused."""
    return names.get(market, market)


def coin_pairs(symbols: Sequence[str], *, quote: str) -> tuple[str, ...]:
    """The coins among these instruments, each against `quote`."""
    bases = (one.removesuffix("-USD") for one in symbols if one.endswith("-USD"))
    return tuple(f"{base}-{quote}" for base in bases if base not in (*FIAT_BASES, quote))


def _every_candle(
    client: Any,
    told: list[Any] | None,
    market: Any = None,
    timeframe: str = "1m",
    since: int | None = None,
    *_: Any,
) -> list[Any]:
    """All a page tells: ccxt would cut it to the count asked for, repeated candles included."""
    rows: list[Any] = type(client).parse_ohlcvs(client, told, market, timeframe, since)
    return rows


def _pair(market: Mapping[str, Any]) -> str:
    return f"{market['base']}-{market['quote']}"


def _has_list(said: Any) -> bool:
    if isinstance(said, dict):
        return any(map(_has_list, said.values()))
    return isinstance(said, list)
