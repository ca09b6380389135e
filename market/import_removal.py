"""How are imported candles taken back? From PostgreSQL and the lake, with all that they made.

The lake goes first: whatever breaks off in between, its next write brings it in line again with
PostgreSQL. Loads pyarrow; for commands only.
"""

from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain

from django.db import OperationalError, connection, transaction
from django.db.backends.utils import CursorWrapper

from core.aws import Absent
from core.errors import Code, Refused, Retryable
from core.objects import Store
from market import candle_files, candles, catalog, lake, manifests, partitions, rollup, signal_feed
from market.candles import INTERVALS, SIMULATED
from market.catalog import InstrumentInfo
from market.charts import healed
from market.manifests import Manifest
from market.partitions import CANDLES, Partition
from market.studies import shelf

# What was said in its interval, and what was rolled up of that.
GONE = """
WITH gone AS (
    DELETE FROM market_candle WHERE instrument_id = %s AND source = %s
    AND (interval = %s AND minutes IS NULL OR interval = ANY(%s) AND minutes IS NOT NULL)
    RETURNING interval, open_time
) SELECT interval, count(*), min(open_time), max(open_time) FROM gone GROUP BY interval
"""
LEFT = """
SELECT interval, min(open_time), max(open_time) FROM market_candle
WHERE instrument_id = %s AND source = %s AND minutes IS NULL GROUP BY interval
"""


@dataclass(frozen=True, slots=True)
class Taken:
    """What was removed: candles by interval, and when the first and the last of them open.

    `files` of the lake were written anew without them.
    """

    counts: dict[str, int]
    first: datetime | None
    last: datetime | None
    files: int


def take_back(symbol: str, interval: str, *, source: str) -> Taken:
    """Remove what was imported as `source` in this interval, and what it made of longer ones.

    Longer candles are made anew of what the source has left; indicators and signals follow.
    Raises Refused for an unknown instrument or interval, for a source that is not imported and
    where there is nothing; Retryable and Broken, after which it may be done again.
    """
    pair = catalog.instrument(symbol)
    candles.step_of(interval)
    candle_files.check_name(source)
    longer = [*INTERVALS][[*INTERVALS].index(interval) + 1 :]
    with lake.alone():
        place = lake.store()
        files = _without(place, pair.symbol, interval, source, said=True)
        if not files and not _is_known(pair, interval, source):
            message = f"No {interval} candles of {pair.symbol} were imported as {source}."
            raise Refused(Code.NOT_FOUND, message)
        files += sum(_without(place, pair.symbol, one, source, said=False) for one in longer)
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SET LOCAL statement_timeout = 0")  # there may be millions
                found = _rows(cursor, pair, interval, longer, source)
        except OperationalError as error:
            message = f"Nothing was taken back: {str(error).splitlines()[0]}. It may be done again."
            raise Retryable(message) from error
    counts = {name: count for name, count, *_ in found}
    times = [*chain.from_iterable(reach for _, _, *reach in found)]
    if times:
        healed.tell(pair.symbol, interval, min(times), max(times) + INTERVALS[interval])
    return Taken(counts, min(times, default=None), max(times, default=None), files)


def _is_known(pair: InstrumentInfo, interval: str, source: str) -> bool:
    """Whether PostgreSQL has candles that were imported in this interval."""
    with connection.cursor() as cursor:
        cursor.execute(LEFT, [pair.id, source])
        return interval in {row[0] for row in cursor.fetchall()}


def _rows(
    cursor: CursorWrapper, pair: InstrumentInfo, interval: str, longer: list[str], source: str
) -> list[tuple[str, int, datetime, datetime]]:
    cursor.execute(GONE, [pair.id, source, interval, longer])
    found = list(cursor.fetchall())
    cursor.execute(LEFT, [pair.id, source])
    left = {name: reach for name, *reach in cursor.fetchall()}
    for base in (one for one in INTERVALS if one in left):
        start, last = left[base]
        end = last + INTERVALS[base]
        rollup.roll(cursor, [pair.id], [source], start=start, end=end, base=base)
    real = candles.sources_of(cursor, pair) - {SIMULATED}
    signal_feed.forget_baseless(cursor, pair.id, [interval, *longer], real)
    shelf.forget(cursor, pair.id, [interval, *longer])
    return sorted(found, key=lambda row: [*INTERVALS].index(row[0]))


def _without(place: Store, symbol: str, interval: str, source: str, *, said: bool) -> int:
    """Write files anew without an instrument's candles, those said or those made; how many."""
    series = Partition(CANDLES, interval, source, date.min).series
    return sum(
        _is_rid(place, listed, key, symbol, said=said)
        for listed in manifests.every(place, f"{series}/")
        for key in [*listed.entries]
    )


def _is_rid(place: Store, listed: Manifest, key: str, symbol: str, *, said: bool) -> bool:
    """Whether a file had to be written anew; one that is lost has no such rows."""
    try:
        rows = partitions.decode(CANDLES, place.get(key))
    except Absent:
        return False
    kept = [row for row in rows if row[0] != symbol or (row[-1] is None) != said]
    if len(kept) == len(rows):
        return False
    body = partitions.encode(CANDLES, kept)
    place.put(key, body)
    listed.enter(place, key, body, rows=len(kept), source="")  # the next write compares it anew
    return True
