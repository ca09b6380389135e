"""Who watches a chart? `/ws/candles/?instrument=EUR-USD&interval=1h&indicators=rsi,macd`.

For everybody. The server sends JSON objects, one a frame, about once a second while they change:
  {"type": "candle", "instrument", "interval", "time", "open", "high", "low", "close", "volume",
   "source", "closed": false}    the candle that forms; with `closed: true` once, when it is over
  {"type": "healed", "instrument", "interval", "start", "end", "candles": […], "gaps": […]}
    the closed candles that open in [start, end) have changed: all of them, and what is missing
  {"type": "changed", "instrument", "interval", "start", "end"}    so many that they are fetched
  {"type": "indicators", "instrument", "interval", "time", "values": {…}}    of the forming candle
  {"type": "error", "error": {"code", "message", "details"}}    the request was refused
Prices are text. Closes: 4404 unknown instrument, interval or indicator; 1013 full, or too many
indicators for one address: come again with back-off; 1012 the server restarts. What the client
sends is not read.
"""

import json
from urllib.parse import parse_qs

from channels.generic.websocket import AsyncWebsocketConsumer

from core.api.refusal import error_body
from core.api.throttles import network
from core.errors import Refused
from core.push.hub import Full, hub
from core.push.peers import Peer, for_sockets
from market.charts import watching
from market.charts.watching import Chart

UNKNOWN, TRY_AGAIN = 4404, 1013


class ChartConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]
    """One browser's view of one instrument; the hub sends, this door only listens."""

    chart: Chart | None = None
    names: tuple[str, ...] = ()
    address = ""
    peer: Peer

    async def connect(self) -> None:
        """Accept, so that the page can read the reason of a refusal."""
        await self.accept()
        self.peer = Peer(send=self.base_send, encode=for_sockets)
        query = parse_qs(self.scope["query_string"].decode("latin-1"))
        try:
            names = watching.studies(query.get("indicators", [""])[0])
            symbol, interval = (query.get(name, [""])[0] for name in ("instrument", "interval"))
            await self.watch(await watching.find(symbol, interval or "1h"), names)
        except Refused as refusal:
            body = error_body(refusal.code, refusal.message, refusal.details)
            await self.send(text_data=json.dumps({"type": "error"} | body))
            await self.close(UNKNOWN)
        except Full:
            await self.close(TRY_AGAIN)

    async def watch(self, chart: Chart, names: tuple[str, ...]) -> None:
        """Hear a chart from now on; raises Full."""
        address = network((self.scope.get("client") or ["unknown"])[0])
        if not watching.has_room(address, names):
            raise Full
        first = chart.newest()
        hub.join(self.peer, chart, *([first] if first else []))
        self.chart, self.names, self.address = chart, names, address
        await watching.begin(chart, names, address=address)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Nothing is asked by message: another chart is another socket."""

    async def disconnect(self, code: int) -> None:
        """Leave the hub."""
        if self.chart is not None:
            hub.leave(self.peer, self.chart)
            watching.end(self.chart, self.names, address=self.address)
