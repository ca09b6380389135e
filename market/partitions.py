"""How are time series cut into files, and what stands in one? Hive partitions of Parquet (zstd).

`date` is the first day of a partition: it holds a day of minutes, a month of hours, a year of days.
Prices are decimal128(38,18), as in PostgreSQL, so nothing is rounded on the way there and back.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import quote, unquote

import pyarrow as pa
import pyarrow.parquet as pq
from django.db import connection
from django.db.backends.utils import CursorWrapper

from core.errors import Broken
from market.fixings import SOURCE as ECB

CANDLES, FIXINGS = "candles", "fixings"
SPANS = {"1m": "day", "5m": "day", "15m": "day", "1h": "month", "4h": "month", "1d": "year"}
LONGEST = {span: timedelta(days) for span, days in (("day", 1), ("month", 31), ("year", 366))}
PRICE = pa.decimal128(38, 18)
SCHEMAS = {
    CANDLES: pa.schema(
        [
            pa.field("symbol", pa.string(), nullable=False),
            pa.field("open_time", pa.timestamp("us", tz="UTC"), nullable=False),
            *(pa.field(name, PRICE, nullable=False) for name in ("open", "high", "low", "close")),
            pa.field("volume", PRICE),
            pa.field("minutes", pa.int16()),
        ]
    ),
    FIXINGS: pa.schema(
        [
            pa.field("currency", pa.string(), nullable=False),
            pa.field("day", pa.date32(), nullable=False),
            pa.field("rate", PRICE, nullable=False),
        ]
    ),
}
KEY_COLUMNS = 2  # the first two of a schema tell rows apart

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True, order=True)
class Partition:
    """One file: a table's rows of one source (and interval) from `begins` for one span."""

    table: str
    interval: str  # "" of fixings
    source: str
    begins: date

    @property
    def series(self) -> str:
        """The folder of all partitions of the same kind."""
        interval = f"/interval={self.interval}" if self.interval else ""
        return f"{self.table}{interval}/source={quote(self.source, safe='')}"

    @property
    def key(self) -> str:
        """Where it lies; the same for ever."""
        return f"{self.series}/date={self.begins}/{self.table}.parquet"

    @property
    def span(self) -> tuple[datetime, datetime]:
        """From when until when, UTC."""
        span = SPANS.get(self.interval, "year")
        start = datetime(self.begins.year, self.begins.month, self.begins.day, tzinfo=UTC)
        return start, beginning(start + LONGEST[span], span)


@dataclass(frozen=True, slots=True)
class Content:
    """The rows of a partition, and the fingerprint of them that the database gives."""

    rows: list[Row]
    fingerprint: str


def named(key: str) -> Partition:
    """The partition that lies under a key; raises Broken where the key is none of a partition."""
    try:
        table, *parts, _ = key.split("/")
        said = dict(part.partition("=")[::2] for part in parts)
        begins = date.fromisoformat(said["date"])
        found = Partition(table, said.get("interval", ""), unquote(said["source"]), begins)
        if table not in SCHEMAS or found.key != key:
            raise ValueError(key)
        return found
    except (KeyError, ValueError) as error:
        raise Broken(f"{key!r} names no partition.") from error


def beginning(moment: datetime, span: str) -> datetime:
    """The first moment of the day, month or year."""
    midnight = moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    if span == "day":
        return midnight
    return midnight.replace(day=1) if span == "month" else midnight.replace(month=1, day=1)


# Of every row a hash, summed: whatever changes in the database, changes the sum.
CANDLE_HASH = (
    "hash_record_extended(ROW(instrument_id, open_time, open, high, low, close, volume, minutes)"
    ", 0)"
)
FIXING_HASH = "hash_record_extended(ROW(date, currency, rate), 0)"
# A plan by the primary key needs the instruments at hand.
OF_EVERY_INSTRUMENT = "instrument_id = ANY(ARRAY(SELECT id FROM market_instrument))"
# From when until when each source has candles: a few looks into the index, however many there are.
CANDLES_REACH = """
WITH RECURSIVE told AS (
    SELECT id, (SELECT min(source) FROM market_candle WHERE instrument_id = id) AS source
    FROM market_instrument
    UNION ALL
    SELECT id, (SELECT min(market_candle.source) FROM market_candle
                WHERE instrument_id = id AND market_candle.source > told.source)
    FROM told WHERE source IS NOT NULL
)
SELECT asked.name, told.source, min(reach.starts), max(reach.ends)
FROM told CROSS JOIN unnest(%s::text[]) AS asked (name) CROSS JOIN LATERAL (
    SELECT min(open_time) AS starts, max(open_time) AS ends FROM market_candle
    WHERE instrument_id = told.id AND source = told.source AND interval = asked.name
) AS reach WHERE reach.starts IS NOT NULL GROUP BY 1, 2
"""
FIXINGS_REACH = "SELECT min(date)::timestamptz, max(date)::timestamptz FROM market_fixing"
CANDLES_SEEN = f"""
SELECT count(*), coalesce(sum({CANDLE_HASH}), 0) FROM market_candle
WHERE {OF_EVERY_INSTRUMENT} AND source = %s AND interval = %s
AND open_time >= %s AND open_time < %s AND closed
"""  # noqa: S608
FIXINGS_SEEN = f"""
SELECT count(*), coalesce(sum({FIXING_HASH}), 0) FROM market_fixing WHERE date >= %s AND date < %s
"""  # noqa: S608
CANDLES_READ = f"""
SELECT symbol, open_time, open, high, low, close, volume, minutes, {CANDLE_HASH}
FROM market_candle JOIN market_instrument ON market_instrument.id = instrument_id
WHERE {OF_EVERY_INSTRUMENT} AND source = %s AND interval = %s
AND open_time >= %s AND open_time < %s AND closed
"""  # noqa: S608
FIXINGS_READ = f"""
SELECT currency, date, rate, {FIXING_HASH} FROM market_fixing WHERE date >= %s AND date < %s
"""  # noqa: S608


def reaching(since: datetime) -> list[Partition]:
    """Every partition PostgreSQL may have rows of that reaches beyond `since`, by its key."""
    with connection.cursor() as cursor:
        cursor.execute(CANDLES_REACH, [[*SPANS]])
        told = [(CANDLES, *row) for row in cursor.fetchall()]
        cursor.execute(FIXINGS_REACH)
        told += [(FIXINGS, "", ECB, *row) for row in cursor.fetchall() if row[0]]
    found = [
        Partition(table, interval, source, begins)
        for table, interval, source, first, last in told
        for begins in _beginnings(SPANS.get(interval, "year"), max(first, since), last)
    ]
    return sorted(found, key=lambda one: one.key)


def _beginnings(span: str, first: datetime, last: datetime) -> Iterator[date]:
    """The first day of every span from the one of `first` to the one of `last`."""
    begins = beginning(first, span)
    while begins <= last:
        yield begins.date()
        begins = beginning(begins + LONGEST[span], span)


def fingerprint(partition: Partition) -> str | None:
    """That of a partition's rows in PostgreSQL; None where it has none."""
    with connection.cursor() as cursor:
        _ask(cursor, partition, CANDLES_SEEN, FIXINGS_SEEN)
        count, total = cursor.fetchone()
    return _fingerprint(count, int(total)) if count else None


def read(partition: Partition) -> Content:
    """A partition's rows in PostgreSQL."""
    with connection.cursor() as cursor:
        _ask(cursor, partition, CANDLES_READ, FIXINGS_READ)
        found = cursor.fetchall()
    rows = [row[:-1] for row in found]
    return Content(rows, _fingerprint(len(rows), sum(row[-1] for row in found)))


def _ask(cursor: CursorWrapper, partition: Partition, candles: str, fixings: str) -> None:
    if partition.table == FIXINGS:
        cursor.execute(fixings, partition.span)
    else:
        cursor.execute(candles, [partition.source, partition.interval, *partition.span])


def merged(older: Iterable[Row], newer: Iterable[Row]) -> list[Row]:
    """Every row of both in their order of file, the newer one where both know it."""
    known = {row[:KEY_COLUMNS]: row for row in older}
    known.update((row[:KEY_COLUMNS], row) for row in newer)
    return [known[key] for key in sorted(known)]


def encode(table: str, rows: Sequence[Row]) -> bytes:
    """The file of these rows; the same rows give the same bytes."""
    schema = SCHEMAS[table]
    columns: list[Sequence[Any]] = list(zip(*rows, strict=True)) or [[] for _ in schema]
    arrays = [pa.array(values, field.type) for values, field in zip(columns, schema, strict=True)]
    sink = pa.BufferOutputStream()
    pq.write_table(
        pa.table(arrays, schema=schema), sink, compression="zstd", write_page_checksum=True
    )
    body: bytes = sink.getvalue().to_pybytes()
    return body


def decode(table: str, body: bytes, *, symbol: str | None = None) -> list[Row]:
    """The rows of a file, all or one instrument's; raises Broken where it is no such file."""
    found = _read(table, body, symbol)
    columns = [found.column(name).to_pylist() for name in SCHEMAS[table].names]
    return list(zip(*columns, strict=True))


def count(table: str, body: bytes) -> int:
    """How many rows a file has, all of them read; raises Broken where it is no such file."""
    return int(_read(table, body, None).num_rows)


def _read(table: str, body: bytes, symbol: str | None) -> pa.Table:
    filters = [("symbol", "=", symbol)] if symbol else None
    try:
        found = pq.read_table(
            pa.BufferReader(body), filters=filters, page_checksum_verification=True
        )
    except (pa.ArrowException, OSError) as error:
        raise Broken(f"A file of {table} cannot be read: {type(error).__name__}.") from error
    if found.schema != SCHEMAS[table]:
        raise Broken(f"A file of {table} has other columns than it should.")
    return found


def _fingerprint(count: int, total: int) -> str:
    return f"{count}:{total % 2**64:016x}"
