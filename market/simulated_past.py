"""What has the simulated market done before it began? A day of minutes, two months of hours.

The path is a function of seed, symbol and second, so that its past can be asked for like its
present: charts of a fresh site are not empty, and a time the site was down leaves no hole.
"""

import time
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from core import clock
from market import candle_store, candles, catalog, locks, rollup
from market.candles import HOUR, INTERVALS, MINUTE, SIMULATED, Candle
from market.catalog import InstrumentInfo
from market.charts import healed
from market.feeds import replay
from market.gaps import bucket
from market.simulation import REACH

ALONE = "market:recalling"
BUSY_S = 2.0  # of one call; the next one goes on
SAMPLES = {MINUTE: 3, HOUR: 4}
FORGOTTEN_S = 60.0  # whoever died at it
SETTLED = timedelta(minutes=3)  # younger minutes are the writer of prices' alone: nobody waits


def recall() -> int:
    """Make the past of instruments that lack it, for some seconds; answers with how many."""
    with locks.alone(ALONE, forgotten_s=FORGOTTEN_S) as alone:
        return _recall_some(time.monotonic() + BUSY_S) if alone else 0


def _recall_some(until: float) -> int:
    made = 0
    for pair in _wanted():
        for interval in REACH:
            if time.monotonic() >= until:
                return made
            made += _recall(pair, interval, clock.now() - SETTLED)
    return made


def _wanted() -> list[InstrumentInfo]:
    """Simulated instruments: those somebody looks at, the board's first rows, the first coins."""
    known = catalog.now()
    ranks = {code: place for place, code in enumerate(known.currencies)}
    coins = [info.code for info in known.currencies.values() if not info.is_fiat]
    first = {info.code for info in known.currencies.values() if info.on_board} | {*coins[:2]}
    looked_at = {chart.partition("|")[0] for chart in healed.watched()}
    pairs = [
        pair
        for pair in known.instruments.values()
        if replay.knows(pair.symbol) and candles.is_simulated(pair)
    ]
    return sorted(
        pairs,
        key=lambda pair: (
            pair.symbol not in looked_at,
            not {pair.base, pair.quote} <= first,
            ranks[pair.base] + ranks[pair.quote],
        ),
    )


def _recall(pair: InstrumentInfo, interval: str, at: datetime) -> int:
    end = bucket(at, INTERVALS[interval])
    start = bucket(end - REACH[interval], INTERVALS[HOUR])  # no hour of a few minutes
    with connection.cursor() as cursor:
        if not _lacks(cursor, pair, interval, start, end):
            return 0
    past = list(_past(pair, interval, start, end))
    with transaction.atomic(), connection.cursor() as cursor:
        keep = candle_store.fill if interval == MINUTE else candle_store.replace
        keep(cursor, past)
        rollup.roll(cursor, [pair.id], [SIMULATED], start=start, end=at, base=interval)
    healed.tell(pair.symbol, interval, start, end)
    return 1


def _lacks(
    cursor: CursorWrapper, pair: InstrumentInfo, interval: str, start: datetime, end: datetime
) -> bool:
    cursor.execute(
        "SELECT count(*) FROM market_candle WHERE instrument_id = %s AND source = %s"
        " AND interval = %s AND open_time >= %s AND open_time < %s AND closed",
        [pair.id, SIMULATED, interval, start, end],
    )
    wanted = (end - start) // INTERVALS[interval]
    return bool(cursor.fetchone()[0] < wanted)


def _past(pair: InstrumentInfo, interval: str, start: datetime, end: datetime) -> Iterator[Candle]:
    step = INTERVALS[interval]
    path = replay.stretch(
        pair.symbol,
        int(start.timestamp()),
        step_s=int(step.total_seconds()),
        count=(end - start) // step,
        samples=SAMPLES[interval],
    )
    for raw in path:
        yield candle_store.read_said(
            raw, instrument_id=pair.id, source=SIMULATED, interval=interval, at=end
        )
