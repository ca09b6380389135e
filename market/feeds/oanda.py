"""What does OANDA say? Live forex for people with a practice account: v20 REST and streaming.

Shapes: https://developer.oanda.com/rest-live-v20/pricing-ep/. The stream is one long HTTP answer,
a JSON object a line. EXCHANGES may move it: `base_url` the REST host, `ws_url` the stream's.
The token goes into a header and nowhere else.
"""

import asyncio
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import httpx
from django.conf import settings

from core import clock
from market import bodies, venue_address
from market.catalog import HUB
from market.feeds import bounded
from market.feeds.answers import SHOWN, UNREADABLE, Answer, trouble
from market.feeds.feed import Ear, Trouble
from market.inbox import Batch, RawCandle, RawTick

REST = "https://api-fxpractice.oanda.com"
STREAM = "https://stream-fxpractice.oanda.com"
TIMEOUT_S = 4.0
KEPT = ("/pricing", "/candles")  # bodies that name no account
GRANULARITY = {"1m": "M1", "5m": "M5", "15m": "M15", "1h": "H1", "4h": "H4", "1d": "D"}
CURRENCY = "CURRENCY"  # the type of a forex market; OANDA also lists metals and differences
OPEN_ENDED = httpx.Timeout(
    TIMEOUT_S, read=None
)  # how long a stream may be silent is its ear's rule


class Oanda:
    """A price has several bids and asks, best first; only tradeable ones are handed on."""

    name = "oanda"
    intervals = tuple(GRANULARITY)
    page = 500
    forgets = False
    has_volume = False  # OANDA counts changes of its price, not what was traded

    def __init__(self) -> None:
        self._kept: httpx.Client | None = None
        self._account = settings.OANDA_ACCOUNT
        self._listed: dict[str, str] = {}
        self._asked_for: tuple[str, ...] = ()

    def fetch(self, symbols: Sequence[str]) -> Batch:
        """One answer about all its markets; raises Trouble."""
        body = self._get(*self._pricing(self.listed(symbols)))
        try:
            ticks = [tick for price in body["prices"] for tick in _read(price)]
        except UNREADABLE as error:
            raise _malformed(body, error) from error
        return Batch(self.name, "rest", clock.now(), ticks=tuple(ticks))

    def pause_s(self) -> float:
        """Prices move all the time."""
        return 0.0

    def pairs(self, symbols: Sequence[str]) -> tuple[str, ...]:
        """Every pair against USD; which of them OANDA trades, `listed` asks."""
        return tuple(one for one in symbols if HUB in one.split("-"))

    def listed(self, symbols: Sequence[str]) -> dict[str, str]:
        """Pair by OANDA's name, of the forex markets this account may trade; raises Trouble.

        Asked once, and again when other instruments are wanted or OANDA has refused something.
        """
        pairs = self.pairs(symbols)
        if pairs != self._asked_for:
            self._listed = self._list(pairs)
            self._asked_for = pairs
        return self._listed

    def _list(self, pairs: Sequence[str]) -> dict[str, str]:
        body = self._get(f"/v3/accounts/{self._account_id()}/instruments", {})
        try:
            names = {one["name"] for one in body["instruments"] if one["type"] == CURRENCY}
        except UNREADABLE as error:
            raise _malformed(body, error) from error
        wanted = {_name(pair): pair for pair in pairs if _name(pair) in names}
        if not wanted:
            raise Trouble("malformed", f"lists none of {', '.join(pairs)}")
        return wanted

    def candles(self, pair: str, *, days: int) -> Batch:
        """The latest daily mid candles (UTC) of one market; raises Trouble.

        Without volume: OANDA counts changes of its price, not what was traded.
        """
        return Batch(self.name, "rest", clock.now(), candles=self._candles(pair, "1d", days, {}))

    def history(
        self, pair: str, interval: str, *, since: datetime, count: int
    ) -> tuple[RawCandle, ...]:
        """Mid candles (UTC) of one market from a moment on, complete ones; raises Trouble."""
        return self._candles(pair, interval, count, {"from": clock.iso(since)}, is_past=True)

    def _candles(
        self,
        pair: str,
        interval: str,
        count: int,
        beside: dict[str, str],
        *,
        is_past: bool = False,
    ) -> tuple[RawCandle, ...]:
        wanted = {"price": "M", "granularity": GRANULARITY[interval], "count": str(count)}
        aligned = {"dailyAlignment": "0", "alignmentTimezone": "UTC"}
        body = self._get(f"/v3/instruments/{_name(pair)}/candles", wanted | aligned | beside)
        try:
            return tuple(
                RawCandle(pair, one["time"], *(one["mid"].get(part) for part in "ohlc"))
                for one in body["candles"]
                if not is_past or one.get("complete") is not False
            )
        except UNREADABLE as error:
            raise _malformed(body, error) from error

    async def stream(self, symbols: Sequence[str], ear: Ear) -> None:
        """The pricing stream, line by line; a heartbeat every 5 s. Raises Trouble."""
        names = await asyncio.to_thread(self.listed, symbols)
        path, wanted = self._pricing(names)
        address = _moved(f"{STREAM}{path}/stream", to="ws_url")
        async with httpx.AsyncClient(headers=_headers(), timeout=OPEN_ENDED) as client:
            ear.begin()  # an answer that never comes is silence, too
            try:
                async with client.stream("GET", address, params=wanted) as answer:
                    if not answer.is_success:
                        said = (await anext(answer.aiter_text(SHOWN), "")).strip()
                        raise trouble(Answer(answer.status_code, answer.headers, said))
                    ear.begin()
                    async for line in answer.aiter_lines():
                        ear.hear(line)
            except httpx.HTTPError as error:
                raise trouble(None, error) from error

    def read_message(self, message: Any) -> list[RawTick] | None:
        """A line of the stream: a price, or a heartbeat, which is a sign of life."""
        said = json.loads(message)
        if said["type"] == "HEARTBEAT":
            return []
        return _read(said) if said["type"] == "PRICE" else None

    def _pricing(self, names: Mapping[str, str]) -> tuple[str, dict[str, str]]:
        path = f"/v3/accounts/{self._account_id()}/pricing"
        return path, {"instruments": ",".join(names)}

    def _account_id(self) -> str:
        """The operator's account, else the first the token opens; raises Trouble."""
        if not self._account:
            body = self._get("/v3/accounts", {})
            try:
                self._account = str(body["accounts"][0]["id"])
            except UNREADABLE as error:
                raise _malformed(body, error) from error
        return self._account

    def _get(self, path: str, wanted: Mapping[str, str]) -> Any:
        """The body OANDA answers with; raises Trouble."""
        try:
            answer = bounded.get(self._client(), _moved(REST + path, to="base_url"), wanted)
        except httpx.HTTPError as error:
            raise trouble(None, error) from error
        if path.endswith(KEPT):
            account = self._account or "-"
            shown = path.replace(account, "account")
            bodies.keep(self.name, shown, status=answer.status, body=answer.body)
        if not answer.is_success:
            self._asked_for = ()
            raise trouble(answer)
        try:
            return json.loads(answer.body)
        except UNREADABLE as error:
            raise trouble(answer, error) from error

    def _client(self) -> httpx.Client:
        if self._kept is None:
            self._kept = httpx.Client(headers=_headers(), timeout=TIMEOUT_S)
        return self._kept


def _read(price: Mapping[str, Any]) -> list[RawTick]:
    """The best bid and ask; nothing where OANDA would not trade at them, as at weekends."""
    if not price.get("tradeable", price.get("status") == "tradeable"):
        return []
    return [
        RawTick(
            symbol=price["instrument"].replace("_", "-"),
            bid=_best(price.get("bids")),
            ask=_best(price.get("asks")),
            as_of=price.get("time"),
        )
    ]


def _best(offers: Any) -> object:
    return offers[0].get("price") if offers else None


def _name(pair: str) -> str:
    return pair.replace("-", "_")


def _headers() -> dict[str, str]:
    token = settings.OANDA_TOKEN
    return {"Authorization": f"Bearer {token}", "Accept-Datetime-Format": "RFC3339"}


def _moved(address: str, *, to: str) -> str:
    wanted = settings.EXCHANGES.get("oanda")
    base = getattr(wanted, to) if wanted else None
    return str(venue_address.moved(address, base_url=base, ws_url=None))


def _malformed(body: Any, error: Exception) -> Trouble:
    return trouble(Answer(200, {}, json.dumps(body)), error)
