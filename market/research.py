"""Which figures do I compute with? Candles as a pandas frame, from PostgreSQL or from the lake.

Both stores give equal frames. Prices become floats here: what is computed from them is no money.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any, Literal

import pandas as pd
from django.db import connection

from core import clock
from market import candles, catalog, gaps, lake, manifests, partitions
from market.candles import INTERVALS
from market.catalog import InstrumentInfo
from market.partitions import CANDLES, Partition

FIGURES = ["open", "high", "low", "close", "volume"]
COLUMNS = ["open_time", *FIGURES, "minutes", "source"]
TOLD = """
SELECT open_time, open, high, low, close, volume, minutes, source FROM market_candle
WHERE instrument_id = %s AND source = ANY(%s) AND interval = %s
AND open_time >= %s AND open_time < %s AND closed
"""

Place = Literal["database", "lake"]


def frame(
    symbol: str,
    interval: str,
    *,
    start: datetime | None = None,
    end: datetime | None = None,
    source: str | None = None,
    store: Place = "database",
) -> pd.DataFrame:
    """Closed candles that open in [start, end), oldest first; by `open_time` (UTC).

    Columns open, high, low, close, volume (units of base, NaN where nobody says) and source.
    Without `source`: of each open time the best one, as `candles.series` chooses; one made of too
    few minutes is a gap and has no row. The lake lags
    an hour behind, and a day with daily candles. Raises Refused `not_found`, `malformed`, and from
    the lake Retryable and Broken.
    """
    pair = catalog.instrument(symbol)
    candles.step_of(interval)
    since, until = start or lake.FROM_THE_BEGINNING, end or clock.now()
    ask = _in_lake if store == "lake" else _in_database
    rows = list(ask(pair, interval, source, since, until))
    return _best(rows, pair, interval, sources=[source] if source else None)


def _in_database(
    pair: InstrumentInfo, interval: str, source: str | None, start: datetime, end: datetime
) -> Iterator[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        asked = [source] if source else sorted(candles.sources_of(cursor, pair))
        cursor.execute(TOLD, [pair.id, asked, interval, start, end])
        yield from cursor.fetchall()


def _in_lake(
    pair: InstrumentInfo, interval: str, source: str | None, start: datetime, end: datetime
) -> Iterator[tuple[Any, ...]]:
    place, folder = lake.store(), f"{CANDLES}/interval={interval}/"
    if source:
        folder = f"{Partition(CANDLES, interval, source, date.min).series}/"
    for manifest in manifests.every(place, folder):
        for entry in manifest.entries.values():
            partition = partitions.named(entry.key)
            begins, ends = partition.span
            if begins >= end or ends <= start:
                continue
            body = manifests.checked(place, entry)
            for row in partitions.decode(CANDLES, body, symbol=pair.symbol):
                if start <= row[1] < end:
                    yield (*row[1:], partition.source)


def _best(
    rows: Sequence[tuple[Any, ...]],
    pair: InstrumentInfo,
    interval: str,
    *,
    sources: list[str] | None,
) -> pd.DataFrame:
    """One candle an open time, whole ones first; its volume chosen as `candles.series` does."""
    told = {row[-1] for row in rows}
    simulated = candles.is_simulated(pair)
    order = sources or candles.ranked(pair, told, interval, simulated=simulated)
    known = pd.DataFrame([row for row in rows if row[-1] in order], columns=COLUMNS)
    known[[*FIGURES, "minutes"]] = known[[*FIGURES, "minutes"]].astype(float)
    known["open_time"] = pd.to_datetime(known["open_time"], utc=True).dt.as_unit("us")
    known["rank"] = known["source"].map(order.index).astype(int)
    step = INTERVALS[interval]
    known["partly"] = known["minutes"] < gaps.whole_minutes(pair, step)
    known["little"] = known["minutes"] < gaps.enough_minutes(pair, step)
    known = known.sort_values(["open_time", "little", "rank"])
    traded = known.dropna(subset="volume").drop_duplicates("open_time").set_index("open_time")
    best = known.sort_values(["open_time", "partly", "rank"]).drop_duplicates("open_time")
    best = best.set_index("open_time")
    best["volume"] = traded["volume"].reindex(best.index)
    return best.drop(_partial(best["minutes"], pair, interval))[[*FIGURES, "source"]]


def _partial(minutes: pd.Series, pair: InstrumentInfo, interval: str) -> list[datetime]:
    """When the candles open that are made of too few minutes."""
    counts = minutes.dropna()
    opens = pd.DatetimeIndex(counts.index).to_pydatetime()
    rolled = zip(opens, counts.astype(int), strict=True)
    return [gap.start for gap in gaps.thin(pair, rolled, step=INTERVALS[interval])]
