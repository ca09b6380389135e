"""The test world's server: REST and websockets of all venues on one port, in a thread of its own.

`python -m tests.venue.server --port 9000` prints the EXCHANGES a stack is to be started with. While
it runs, `POST /control` with `{"venue": "kraken", "spoil": "nan", "symbols": ["BTC-USD"]}`,
`{"venue": "kraken", "heal": true}`, `{"venue": "kraken", "price": ["BTC-USD", "1", "2"]}` or
`{"venue": "binance", "grant": ["<key>", "<secret>", "read", "trade"]}`.
"""

import argparse
import asyncio
import json
import threading
from types import ModuleType
from typing import Any, Self

from aiohttp import WSMsgType, web

from tests.venue import binance, coinbase, ecb, kraken, oanda, prices, private
from tests.venue.state import Venue

SHAPES: dict[str, ModuleType] = {
    "kraken": kraken,
    "coinbase": coinbase,
    "binance": binance,
    "oanda": oanda,
}
HTML = "<!DOCTYPE html><html><body><h1>Just a moment...</h1></body></html>"
STATUS = {
    "error_5xx": 502,
    "unauthorized_401": 401,
    "rate_limit_429": 429,
    "ban_418": 418,
    "ban_403": 403,
    "ban_451": 451,
}
STREAM_EVERY_S = 0.1


class VenueServer:
    """Kraken, Coinbase, Binance, OANDA and the ECB at `127.0.0.1`; a context manager."""

    def __init__(self, port: int = 0) -> None:
        self.port = port
        self.kraken = Venue("kraken", dict(prices.KRAKEN))
        self.coinbase = Venue("coinbase", dict(prices.COINBASE))
        self.binance = Venue("binance", dict(prices.BINANCE))
        self.oanda = Venue("oanda", dict(prices.OANDA))
        self.ecb = Venue("ecb", {code: (rate, rate) for code, rate in prices.ECB.items()})
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    @property
    def venues(self) -> dict[str, Venue]:
        """Every venue by name."""
        all_ = (self.kraken, self.coinbase, self.binance, self.oanda, self.ecb)
        return {one.name: one for one in all_}

    @property
    def exchanges(self) -> dict[str, dict[str, str]]:
        """What the EXCHANGES variable has to say to reach this server."""
        place = f"127.0.0.1:{self.port}"
        return {
            name: {"base_url": f"http://{place}/{name}", "ws_url": f"{scheme}://{place}/{name}"}
            for name in self.venues
            for scheme in ("http" if name == "oanda" else "ws",)
        }

    def __enter__(self) -> Self:
        self._thread.start()
        if not self._ready.wait(10):
            raise RuntimeError("the test world did not start")
        return self

    def __exit__(self, *error: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)

    def _serve(self) -> None:
        asyncio.run(self._run())

    async def _run(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        app = web.Application()
        app.router.add_post("/control", self._control)
        app.router.add_route("*", "/{venue}{path:(/.*)?}", self._answer)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", self.port)
        await site.start()
        self.port = runner.addresses[0][1]
        self._ready.set()
        await self._stop.wait()
        await runner.cleanup()

    async def _control(self, request: web.Request) -> web.Response:
        wish = await request.json()
        venue = self.venues[wish["venue"]]
        if wish.get("heal"):
            venue.heal()
        if "spoil" in wish:
            venue.spoil(wish["spoil"], *wish.get("symbols", []))
        if "price" in wish:
            symbol, bid, ask = wish["price"]
            venue.price(symbol, bid=bid, ask=ask)
        if "grant" in wish:
            venue.grant(*wish["grant"])
        return web.json_response({"faults": sorted(venue.faults)})

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        venue = self.venues[request.match_info["venue"]]
        if request.headers.get("Upgrade", "").lower() == "websocket":
            venue.requests.append("websocket")
            return await self._socket(venue, request)
        venue.requests.append(request.path_qs)
        if venue.has("down"):
            return _cut(request)
        if venue.has("silent"):
            await asyncio.sleep(60)
        if venue.has("slow"):
            await asyncio.sleep(venue.slow_s)
        if venue is self.oanda and not oanda.allows(request.headers.get("Authorization", "")):
            return web.json_response({"errorMessage": "Insufficient authorization"}, status=401)
        if request.path.endswith("/pricing/stream"):
            return await self._stream(venue, request)
        if venue.has("endless") or venue.has("dripping"):
            return await _never_ending(request, slowly=venue.has("dripping"))
        if venue.has("cut"):
            return await _cut_short(request)
        return (
            _spoiled(venue) or await private.answer(venue, request) or self._spoken(venue, request)
        )

    def _spoken(self, venue: Venue, request: web.Request) -> web.Response:
        query = {name: request.query.getall(name) for name in request.query}
        body = next((said for end, said in venue.bodies.items() if request.path.endswith(end)), "")
        if not body and venue is self.ecb:
            body = ecb.rest(venue, request.path)
        if not body:
            found = SHAPES[venue.name].rest(venue, request.path, query)
            if found is None:
                return web.Response(status=404, text="{}", content_type="application/json")
            body = json.dumps(found)
        if venue.has("truncated"):
            body = body[: len(body) // 2]
        status = 400 if '"code": -1121' in body else 200
        kind = "text/xml" if venue is self.ecb else "application/json"
        return web.Response(status=status, text=body, content_type=kind)

    async def _stream(self, venue: Venue, request: web.Request) -> web.StreamResponse:
        """One endless answer, a line a message."""
        if venue.has("ws_refused"):
            return _cut(request)
        if (refused := _spoiled(venue)) is not None:
            return refused
        answer = web.StreamResponse(headers={"Content-Type": "application/octet-stream"})
        await answer.prepare(request)
        symbols = oanda.subscribed(request.query["instruments"])
        while not venue.has("ws_drop", "down"):
            if not venue.has("ws_silent", "silent"):
                lines = [line for one in symbols for line in _lines(venue, oanda, one)]
                said = lines if not venue.has("frozen") else []
                await answer.write("".join(f"{x}\n" for x in [oanda.heartbeat(), *said]).encode())
            await asyncio.sleep(STREAM_EVERY_S)
        return _cut(request) if venue.has("ws_drop") else answer

    async def _socket(self, venue: Venue, request: web.Request) -> web.StreamResponse:
        if venue.has("down", "ws_refused"):
            return _cut(request)
        if (refused := _spoiled(venue)) is not None:
            return refused
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        shape = SHAPES[venue.name]
        for line in shape.greeting():
            await socket.send_str(line)
        talk: asyncio.Task[None] | None = None
        async for message in socket:
            if message.type is WSMsgType.TEXT and '"ping"' in message.data:
                await socket.send_str('{"method":"pong"}')
            elif message.type is WSMsgType.TEXT and "subscribe" in message.data.lower():
                symbols, lines = shape.subscribed(json.loads(message.data))
                for line in lines:
                    await socket.send_str(line)
                talk = asyncio.create_task(_talk(venue, shape, socket, symbols))
        if talk:
            talk.cancel()
        return socket


async def _talk(
    venue: Venue, shape: ModuleType, socket: web.WebSocketResponse, symbols: list[str]
) -> None:
    """Every market's ticker again and again, until the socket is dropped."""
    while not socket.closed:
        if venue.has("ws_drop", "down"):
            await socket.close(code=1012)
            return
        if not venue.has("ws_silent", "silent"):
            await socket.send_str(shape.heartbeat())
            for symbol in venue.traded(symbols):
                for line in _lines(venue, shape, symbol):
                    await socket.send_str(line)
        await asyncio.sleep(STREAM_EVERY_S)


def _lines(venue: Venue, shape: ModuleType, symbol: str) -> list[str]:
    figures = venue.figures(symbol)
    line = shape.streamed(symbol, figures)
    if venue.has("truncated"):
        return [line[: len(line) // 2]]
    if venue.has("duplicate"):
        return [line, line]
    if venue.has("disorder"):
        before = venue.figures(symbol)
        before["time"] = figures["time"].replace(microsecond=0)
        return [line, shape.streamed(symbol, before)]
    return [line]


def _spoiled(venue: Venue) -> web.Response | None:
    for fault, status in STATUS.items():
        if venue.has(fault):
            headers = {"Retry-After": str(venue.retry_after_s)} if status in (429, 418) else {}
            return web.Response(status=status, text="{}", headers=headers)
    if venue.has("garbled"):
        return web.Response(text="no gzip", headers={"Content-Encoding": "gzip"})
    if venue.has("redirect"):
        return web.Response(status=302, headers={"Location": f"/{venue.name}/elsewhere"})
    return web.Response(text=HTML, content_type="text/html") if venue.has("html") else None


async def _never_ending(request: web.Request, *, slowly: bool) -> web.StreamResponse:
    """An answer of spaces, in floods or by drops, until the other side has enough."""
    answer = web.StreamResponse()
    await answer.prepare(request)
    for _ in range(200):
        await answer.write(b" " if slowly else b" " * 100_000)
        await asyncio.sleep(0.05 if slowly else 0)
    return answer


async def _cut_short(request: web.Request) -> web.StreamResponse:
    """Half of what was announced, then the end."""
    answer = web.StreamResponse(headers={"Content-Length": "100"})
    await answer.prepare(request)
    await answer.write(b" " * 50)
    return _cut(request)


def _cut(request: web.Request) -> web.Response:
    """Hang up without a word, as a dead host does; the answer goes nowhere."""
    if request.transport:
        request.transport.abort()
    return web.Response()


def main() -> None:
    """Run the test world until it is interrupted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=9000)
    parser.add_argument("--spoil", action="append", default=[], metavar="VENUE:FAULT")
    given: Any = parser.parse_args()
    with VenueServer(given.port) as world:
        for wish in given.spoil:
            name, fault = wish.split(":")
            world.venues[name].spoil(fault)
        print(f"EXCHANGES='{json.dumps(world.exchanges)}'", flush=True)  # noqa: T201
        threading.Event().wait()


if __name__ == "__main__":
    main()
