"""How fast are minutes rolled up, and read out of ten million?

    DATA_DIR=… python bench/rollup.py [--candles 10000000]

In a scratch database on the server of DATA_DIR, which is dropped again. Wanted: a day of minutes of
50 instruments up to 1d within 2 s; 1,000 candles out of ten million within 10 ms.
"""

import argparse
import statistics
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parent.parent)  # bench/http.py is not the standard one

from django.db import connection

from bench.filling import scratch  # sets Django up
from core import clock
from market import candles, rollup

END = datetime(2026, 11, 20, tzinfo=UTC)
FILL = """
INSERT INTO market_candle
    (instrument_id, source, interval, open_time, open, high, low, close, volume)
SELECT i.id, %s, '1m', at, 100 + n %% 7, 110, 90, 101 + n %% 5, 3
FROM (SELECT id FROM market_instrument ORDER BY id LIMIT %s) AS i,
    LATERAL (SELECT at, row_number() OVER () AS n
        FROM generate_series(%s::timestamptz, %s::timestamptz - interval '1 min', '1 min') AS at) t
"""


def fill(source: str, instruments: int, days: float) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute(FILL, [source, instruments, END - timedelta(days=days), END])
        return cursor.rowcount


def measure_rollup() -> None:
    """25 instruments from two sources: 50 series of a day."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT array_agg(id) FROM market_instrument")
        ids = cursor.fetchone()[0]
    rows = fill("reference", 25, 1) + fill("kraken", 25, 1)
    taken = []
    for _ in range(3):
        began = time.perf_counter()
        with connection.cursor() as cursor:
            start = END - timedelta(days=1)
            rollup.roll(cursor, ids, ["reference", "kraken"], start=start, end=END)
        taken.append(time.perf_counter() - began)
    print(f"roll-up of {rows:,} minutes to 5m 15m 1h 4h 1d: {min(taken):.2f} s (wanted: 2 s)")


def measure_reading(count: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT symbol FROM market_instrument ORDER BY id LIMIT 1")
        symbol = cursor.fetchone()[0]
    stored = 0
    days = count / 25 / 1440 / 2
    for source in ("coinbase", "archive"):
        stored += fill(source, 25, days)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE market_candle")
    for ago in (0, days / 2):
        taken = []
        for _ in range(30):
            began = time.perf_counter()
            with clock.frozen(END):
                found = candles.series(
                    symbol, "1m", limit=1000, end=END - timedelta(days=ago), source="coinbase"
                )
            taken.append((time.perf_counter() - began) * 1000)
        place = "newest" if not ago else "from the middle"
        print(
            f"{len(found.candles)} candles of {stored:,}, {place}: median"
            f" {statistics.median(taken):.1f} ms, best {min(taken):.1f} ms (wanted: 10 ms)"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--candles", type=int, default=10_000_000)
    given = parser.parse_args()
    with scratch("bench_rollup"):
        measure_rollup()
        measure_reading(given.candles)


if __name__ == "__main__":
    main()
