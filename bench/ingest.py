"""How many ticks can one core take? Judged and stored, against the bare COPY of the same rows.

    DATA_DIR=… python bench/ingest.py [--ticks 50000] [--rounds 3]

50 instruments, 5 ticks a second each, in batches of 50 as a socket brings them. Rounds are
interleaved and the best of each counts; what is stored is rolled back. Time is CPU time, ours and
that of PostgreSQL's backend together, so that a busy machine changes little: one core does both.
Wanted: at least 20,000 a second on one core, at most twice the time of the bare COPY.
"""

import argparse
import gc
import os
import sys
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parent.parent)  # bench/http.py is not the standard one
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tradingsite.settings")

import django

django.setup()

from django.db import connection, transaction

from bench.process import cpu_s
from market import ticks
from market.inbox import Batch, RawTick
from market.quality import Judge, Tick

INSTRUMENTS = [f"C{number:02}-USD" for number in range(50)]
START = datetime.now(UTC).replace(microsecond=0)


def batches(count: int) -> list[Batch]:
    """Small moves of 50 instruments, 0.2 s apart."""
    made = []
    for turn in range(count // len(INSTRUMENTS)):
        at = START + timedelta(seconds=turn / 5)
        price = Decimal(100) + Decimal(turn % 40) / 1000
        raw = tuple(
            RawTick(symbol, str(price), str(price + 1), str(price), f"{1000 + turn}.5")
            for symbol in INSTRUMENTS
        )
        made.append(Batch("kraken", "socket", at, ticks=raw))
    return made


def judged(said: list[Batch]) -> list[Tick]:
    judge = Judge(dict.fromkeys(INSTRUMENTS, "crypto"))
    return [tick for batch in said for tick in judge.judge(batch).good]


def stored_s(rows: list[Tick]) -> float:
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
    said = batches(given.ticks)
    rows = judged(said)
    with connection.cursor() as cursor:
        ticks.ensure_days(cursor, START.date())
    gc.collect()
    gc.freeze()  # what was made to be measured with is not walked through meanwhile
    bare, whole = [], []
    for _ in range(given.rounds):
        bare.append(stored_s(rows))
        began = time.process_time()
        good = judged(said)
        judging = time.process_time() - began
        whole.append(judging + stored_s(good))
    print(f"{len(rows)} of {given.ticks} ticks are good")
    print(f"bare COPY          {len(rows) / min(bare):>10,.0f} ticks/s")
    print(f"judged and stored  {len(rows) / min(whole):>10,.0f} ticks/s")
    print(f"ratio              {min(whole) / min(bare):>10.2f}  (wanted: at most 2)")


if __name__ == "__main__":
    main()
