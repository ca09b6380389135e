"""How many ticks can one core take? Judged and stored, against the bare COPY of the same rows.

    DATA_DIR=… python bench/ingest.py [--ticks 50000] [--rounds 3]

50 instruments, 5 ticks a second each, in batches of 50 as a socket brings them, each tick with all
that venues say: both sides, last price, volume and time. Half are fiat with a fixing to keep near:
their quotes flicker like the recorded ticks of USD/JPY, where 4 of 10 sides are those of the tick
before and 8 of 10 were among the last sixteen. Half are coins that wander: like the recorded trades
of BTC/USDT, 4 of 10 prices are that of the tick before, and hardly one older comes back.

Rounds are interleaved and the best of each counts; what is stored is rolled back. Time is CPU time,
ours and that of PostgreSQL's backend together, so that a busy machine changes little: one core does
both. Wanted: at least 20,000 a second on one core, at most twice the time of the bare COPY.
"""

import argparse
import gc
import os
import sys
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random

sys.path[0] = str(Path(__file__).resolve().parent.parent)  # bench/http.py is not the standard one
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tradingsite.settings")

import django

django.setup()

from django.db import connection, transaction

from bench.process import cpu_s
from market import ticks
from market.fixings import Book, Fixing
from market.inbox import Batch, RawTick
from market.quality import Judge, Tick

START = datetime.now(UTC).replace(microsecond=0)


class Market:
    """One instrument as a socket tells of it; `step` is how far it wanders between two ticks."""

    def __init__(self, symbol: str, kind: str, *, chance: Random, step: float) -> None:
        self.symbol, self.kind, self.chance, self.step = symbol, kind, chance, step
        self.opened = chance.randint(1_000_000, 9_999_999)  # prices are in cents
        self.middle = self.bid = self.ask = self.last = self.opened
        self.volume = chance.randint(10**9, 10**12)  # in 1e-8

    def tick(self, at: datetime) -> RawTick:
        """What it says now: 6 of 10 times other quotes, 3 of 10 times a trade."""
        draw, some = self.chance.random, self.chance.randint
        if draw() < 0.6:
            self.middle += round(self.chance.gauss(0, self.step))
            self.bid, self.ask = self.middle - some(1, 5), self.middle + some(1, 5)
        if draw() < 0.3:
            self.last = self.bid if draw() < 0.5 else self.ask
            self.volume += some(10**4, 10**8)
        bid, ask, last = (f"{cents / 100:.2f}" for cents in (self.bid, self.ask, self.last))
        volume = f"{self.volume / 10**8:.8f}"
        return RawTick(self.symbol, bid, ask, last, volume, at.isoformat())


def markets() -> list[Market]:
    chance = Random(1)
    fiat = [Market(f"F{one:02}-USD", "fx", chance=chance, step=3) for one in range(25)]
    coins = [Market(f"C{one:02}-USD", "crypto", chance=chance, step=300) for one in range(25)]
    return [*fiat, *coins]


def batches(told: list[Market], count: int) -> list[Batch]:
    """What the markets say every 0.2 s, each message a moment before it is heard."""
    made = []
    for turn in range(count // len(told)):
        heard = START + timedelta(seconds=turn / 5)
        at = (heard - timedelta(milliseconds=place) for place in range(len(told)))
        said = tuple(one.tick(moment) for one, moment in zip(told, at, strict=True))
        made.append(Batch("kraken", "socket", heard, ticks=said))
    return made


def fixings(told: list[Market]) -> Book:
    """The day's rates, in units per EUR, where 1 EUR is 1 USD."""
    rates = {one.symbol.removesuffix("-USD"): Decimal(100) / one.opened for one in told}
    return Book([Fixing(START.date(), rates | {"USD": Decimal(1)})])


def judged(told: list[Market], said: list[Batch]) -> Iterator[Tick]:
    """The good ticks, each batch judged when the one before is stored."""
    book = fixings(told)

    def fixed(symbol: str) -> Decimal | None:
        found = book.latest(symbol.removesuffix("-USD"), "USD")
        return found.mid if found else None

    judge = Judge({one.symbol: one.kind for one in told}, fixing=fixed)
    return (tick for batch in said for tick in judge.judge(batch).good)


def stored_s(rows: Iterable[Tick]) -> float:
    """CPU seconds of one COPY into the day's partition, then undone."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
        began = time.process_time() + cpu_s(pid)
        ticks.write(cursor, rows)
        taken = time.process_time() + cpu_s(pid) - began
        transaction.set_rollback(True)
    return taken


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ticks", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    told = markets()
    said = batches(told, given.ticks)
    rows = list(judged(told, said))
    with connection.cursor() as cursor:
        ticks.ensure_days(cursor, START.date())
    gc.collect()
    gc.freeze()  # what was made to be measured with is not walked through meanwhile
    bare, whole = [], []
    for _ in range(given.rounds):
        bare.append(stored_s(rows))
        whole.append(stored_s(judged(told, said)))
    print(f"{len(rows)} of {given.ticks} ticks are good")
    print(f"bare COPY          {len(rows) / min(bare):>10,.0f} ticks/s")
    print(f"judged and stored  {len(rows) / min(whole):>10,.0f} ticks/s")
    print(f"ratio              {min(whole) / min(bare):>10.2f}  (wanted: at most 2)")


if __name__ == "__main__":
    main()
