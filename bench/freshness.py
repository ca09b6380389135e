"""How old is a price when a browser hears it? From the tick to the frame of a websocket.

    DATA_DIR=… python bench/freshness.py --url http://127.0.0.1:8000 [--seconds 20]

Beside a running site with FEEDS=kraken (or any other name that answers nothing): ticks of every
instrument against USD from two sources, 5 a second each, some 50 streams, go into the inbox as the
feeds bring them. Each price is one of a kind, so that its row in `/ws/board/` tells when it was
said. What a later tick overtook within a beat of 250 ms is not waited for.
Wanted: 99 of 100 within 400 ms.
"""

import argparse
import json
import os
import statistics
import sys
import threading
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

sys.path[0] = str(Path(__file__).resolve().parent.parent)  # bench/http.py is not the standard one
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tradingsite.settings")

import django

django.setup()

from websockets.sync.client import connect

from core import clock
from core.money import significant, wire
from market import catalog, inbox, quotes
from market.catalog import HUB
from market.inbox import Batch, RawTick

STREAMS, PER_SECOND = 50, 5


class Said:
    """When each instrument last got which price."""

    def __init__(self) -> None:
        known = quotes.latest()
        pairs = [pair.symbol for pair in catalog.instruments() if not pair.is_cross]
        self.prices = {one: known[one].mid for one in pairs if one in known}
        self.codes = {one: next(c for c in one.split("-") if c != HUB) for one in pairs}
        self.at: dict[tuple[str, str], float] = {}
        self.turn = 0

    def speak(self) -> None:
        """One tick of every instrument, from one source."""
        self.turn += 1
        ticks = []
        for symbol, middle in self.prices.items():
            price = middle * (1 + Decimal(self.turn % 100) / 1_000_000)
            text = f"{price:.10g}"
            half = Decimal(text) / 100_000
            ticks.append(RawTick(symbol, str(Decimal(text) - half), str(Decimal(text) + half)))
            is_fiat = catalog.currency(self.codes[symbol]).is_fiat and symbol.endswith(HUB)
            shown = significant(1 / Decimal(text) if is_fiat else Decimal(text))
            self.at[self.codes[symbol], wire(shown.normalize())] = time.monotonic()
        inbox.append(Batch("kraken", "socket", clock.now(), ticks=tuple(ticks)))


def listen(url: str, said: Said, delays: list[float], stop: threading.Event) -> None:
    address = url.replace("http", "ws", 1) + "/ws/board/?base=USD"
    with connect(address, origin=url) as socket:  # type: ignore[arg-type]
        while not stop.is_set():
            frame: dict[str, Any] = json.loads(socket.recv(timeout=10))
            heard = time.monotonic()
            for row in frame.get("rows", ()) if frame["type"] == "delta" else ():
                price = wire(Decimal(row["price"]).normalize()) if row["price"] else ""
                if told := said.at.get((row["code"], price)):
                    delays.append((heard - told) * 1000)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", required=True)
    parser.add_argument("--seconds", type=float, default=20)
    given = parser.parse_args()
    said, delays, stop = Said(), [], threading.Event()
    ear = threading.Thread(target=listen, args=(given.url, said, delays, stop))
    ear.start()
    until = time.monotonic() + given.seconds
    rounds = STREAMS * PER_SECOND / max(len(said.prices), 1)
    while time.monotonic() < until:
        began = time.monotonic()
        said.speak()
        time.sleep(max(0.0, 1 / rounds - (time.monotonic() - began)))
    stop.set()
    ear.join()
    ranked = statistics.quantiles(delays, n=100)
    print(f"{len(said.prices)} instruments, {rounds:.1f} ticks a second each: {len(delays)} heard")
    print(f"p50 {ranked[49]:.0f} ms, p99 {ranked[98]:.0f} ms (wanted: 400 ms)")


if __name__ == "__main__":
    main()
