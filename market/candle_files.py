"""How do candles come in from a file, and go out as one? Every bad row is refused by its line.

Rows are put aside first and, once all are read, stored in one transaction: a file with a bad row
leaves nothing behind unless those rows were to be skipped. Loads pyarrow for Parquet; for tasks
and commands only.
"""

import csv
import gzip
import io
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any, TextIO, cast

import pyarrow
import pyarrow.parquet
from django.db import OperationalError, connection, transaction
from django.db.backends.utils import CursorWrapper

from core import clock
from core.errors import Code, Refused, Retryable
from market import candle_store, candle_times, candles, catalog, numbers, rollup
from market.candles import INTERVALS, OWN, Candle
from market.charts import downloads, healed
from market.charts.downloads import Wish
from market.feeds import roster
from market.fixings import SOURCE as FIXED
from market.inbox import RawCandle
from market.numbers import Reason, Unfit

SOURCE_NAME = re.compile(r"^[a-z0-9][a-z0-9_.-]{0,29}$", re.ASCII)
CHUNK = 5_000
SHOWN_MAX = 1_000  # refusals kept; more are only counted
SNIFFED = 4_096  # characters

PARTS = ("open", "high", "low", "close")
VOLUMES = ("volume", "vol", "v", "base_volume", "volume_base")
BARE = ("time", *PARTS, "volume")  # of a file without a heading; what follows has no name
FLAW = "not as many fields as columns"  # no heading becomes this name
REASONS = {
    Reason.BAD_CANDLE: "high or low contradicts the others",
    Reason.MISALIGNED: "the time is not an opening time of this interval",
    Reason.FUTURE: "opens in the future, or is not over yet",
    Reason.DUPLICATE: "the same opening time stands in an earlier line",
    Reason.MISSING: "a column is missing or empty",
    Reason.NULL: "a column is missing or empty",
    Reason.BID_ABOVE_ASK: "the bid is above the ask",
    Reason.TEXT: "not a number or not a time",
    Reason.NAN: "not a number (NaN)",
    Reason.INFINITE: "infinite",
    Reason.ZERO: "a price of zero",
    Reason.NEGATIVE: "negative",
    Reason.OUT_OF_RANGE: "out of range",
    Reason.MALFORMED: "more fields than columns",
}

# The last three: a .gz that was cut off or spoiled, a Parquet time that is no date.
UNREADABLE = (
    *(OSError, UnicodeDecodeError, csv.Error, pyarrow.ArrowException),
    *(EOFError, zlib.error, OverflowError),
)
MOMENT, NUMBER = pyarrow.timestamp("ms", "UTC"), pyarrow.decimal128(38, 18)

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Refusal:
    """One line that was refused, and why."""

    line: int
    reason: str


@dataclass(slots=True)
class Report:
    """What came of a file. `is_kept` is false where bad rows made all of it refused."""

    stored: int = 0
    refused: int = 0
    elsewhere: int = 0  # rows of another symbol
    refusals: list[Refusal] = field(default_factory=list)
    is_kept: bool = True

    def refuse(self, line: int, reason: Reason) -> None:
        """Note a bad line."""
        self.refused += 1
        if len(self.refusals) < SHOWN_MAX:
            self.refusals.append(Refusal(line, REASONS.get(reason, str(reason))))


def bring(path: Path, symbol: str, interval: str, *, source: str, skip_bad: bool = False) -> Report:
    """Store a file's candles as those of `source`, and what they make of coarser intervals.

    With a bad row nothing is stored, unless `skip_bad`. Raises Refused for an unknown instrument
    or interval, for a name that is no source's to take, and for a file that cannot be read;
    Retryable where the database did not take it. May be done again.
    """
    pair = catalog.instrument(symbol)
    candles.step_of(interval)
    check_name(source)
    report, stored = Report(), None
    try:
        with connection.cursor() as cursor, candle_store.staging(cursor):
            fit = _fit(_rows(path), pair.symbol, report, (pair.id, source, interval))
            while chunk := list(islice(fit, CHUNK)):
                candle_store.stage(cursor, chunk)
                report.stored += len(chunk)
            report.is_kept = skip_bad or not report.refused
            if report.is_kept:
                stored = _store(cursor, pair.id, source, interval)
            else:
                report.stored = 0
    except OperationalError as error:
        message = f"Nothing was imported: {str(error).splitlines()[0]}. It may be done again."
        raise Retryable(message) from error
    if stored:
        healed.tell(pair.symbol, interval, *stored)
    return report


def check_name(source: str) -> None:
    """Raise Refused for a name that is no imported source's."""
    taken = {*OWN, FIXED, *(one.name for one in roster.ALL)}
    if source in taken or not SOURCE_NAME.match(source):
        raise Refused(Code.MALFORMED, f"{source[:30]!r} is not a name for an imported source.")


def hand_over(symbol: str, interval: str, limit: int, end: str, source: str) -> int:
    """Keep a series as Parquet for whoever asked to download it; answers with its bytes."""
    found = candles.series(
        symbol,
        interval,
        limit=limit,
        end=datetime.fromisoformat(end) if end else None,
        source=source or None,
    )
    table = pyarrow.table(
        {
            "time": pyarrow.array((one.open_time for one in found.candles), MOMENT),
            **{
                name: pyarrow.array((getattr(one, name) for one in found.candles), NUMBER)
                for name in (*PARTS, "volume")
            },
            "source": pyarrow.array((one.source for one in found.candles), pyarrow.string()),
        }
    )
    file = io.BytesIO()
    pyarrow.parquet.write_table(table, file, compression="zstd")
    downloads.keep(Wish(symbol, interval, limit, end, source), file.getvalue())
    return file.tell()


def _store(
    cursor: CursorWrapper, instrument_id: int, source: str, interval: str
) -> tuple[datetime, datetime] | None:
    """Store what was put aside and what it makes of coarser intervals; from when until when."""
    with transaction.atomic():
        cursor.execute("SET LOCAL statement_timeout = 0")  # there may be millions
        reach = candle_store.replace_by_staged(cursor, instrument_id, source, interval)
        if reach is None:
            return None
        start, end = reach[0], reach[1] + INTERVALS[interval]
        rollup.roll(cursor, [instrument_id], [source], start=start, end=end, base=interval)
    return start, end


def _fit(
    rows: Iterable[tuple[int, Row]], symbol: str, report: Report, place: tuple[int, str, str]
) -> Iterator[Candle]:
    """The rows that are good candles; of the others the report tells."""
    instrument_id, source, interval = place
    seen: set[datetime] = set()
    now = clock.now()
    for line, row in rows:
        if FLAW not in row and "symbol" in row and _plain(row["symbol"]) != _plain(symbol):
            report.elsewhere += 1
            continue
        try:
            if FLAW in row:  # any of its fields may be cut, or stand in the wrong column
                raise Unfit(row[FLAW])
            raw = _raw(symbol, row)
            one = candle_store.read_said(
                raw, instrument_id=instrument_id, source=source, interval=interval, at=now
            )
            if not one.closed:
                raise Unfit(Reason.FUTURE)
            if one.open_time in seen:
                raise Unfit(Reason.DUPLICATE)
        except Unfit as unfit:
            report.refuse(line, unfit.reason)
            continue
        seen.add(one.open_time)
        yield one


def _raw(symbol: str, row: Row) -> RawCandle:
    """A row's columns; of bid and ask the mid."""
    opened = candle_times.of(row)
    names = (*VOLUMES, f"volume_{symbol.split('-')[0].lower()}")
    volume = next((row[name] for name in names if name in row), None)
    figures: dict[str, object]
    if "bid_open" in row:
        figures = {part: _mid(row.get(f"bid_{part}"), row.get(f"ask_{part}")) for part in PARTS}
    else:
        figures = {part: row.get(part, row.get(part[0])) for part in PARTS}
    return RawCandle(symbol, opened, **figures, volume=None if volume == "" else volume)


def _mid(bid: object, ask: object) -> Decimal:
    low, high = numbers.price(bid), numbers.price(ask)
    if low > high:
        raise Unfit(Reason.BID_ABOVE_ASK)
    return (low + high) / 2


def _rows(path: Path) -> Iterator[tuple[int, Row]]:
    """Every row with its line, under lower-case names; raises Refused for an unreadable file."""
    try:
        if path.suffix.lower() == ".parquet":
            yield from _parquet(path)
        else:
            with _opened(path) as file:
                yield from _table(file)
    except UNREADABLE as error:
        raise Refused(Code.MALFORMED, f"{path.name} cannot be read: {error}") from error


def _parquet(path: Path) -> Iterator[tuple[int, Row]]:
    line = 0
    with pyarrow.parquet.ParquetFile(path) as file:
        _require([name.lower() for name in file.schema_arrow.names], path.name)
        for batch in file.iter_batches(batch_size=CHUNK):
            for row in batch.to_pylist():
                line += 1
                yield line, {name.lower(): value for name, value in row.items()}


def _opened(path: Path) -> TextIO:
    if path.suffix.lower() == ".gz":
        return cast(TextIO, gzip.open(path, "rt", encoding="utf-8-sig", newline=""))
    return path.open(encoding="utf-8-sig", newline="")


def _table(file: TextIO) -> Iterator[tuple[int, Row]]:
    head = file.read(SNIFFED)
    file.seek(0)
    delimiter = max(",;\t", key="".join(head.split("\n")[:2]).count)
    reader = csv.reader(file, delimiter=delimiter)
    first = next(reader, [])
    if first and first[0].startswith(("http://", "https://")):  # where the file is from
        first = next(reader, [])
    names = [re.sub(r"[^a-z0-9]+", "_", name.strip().lower()).strip("_") for name in first]
    if first and candle_times.is_one(first[0]):  # the file has no heading
        names = [*BARE[: len(first)], *[""] * (len(first) - len(BARE))]
        file.seek(0)
        reader = csv.reader(file, delimiter=delimiter)
    _require(names, "the file")
    for row in reader:
        if row:
            fields: dict[str, Any] = dict(zip(names, row, strict=False))
            if len(row) != len(names):
                fields[FLAW] = Reason.MALFORMED if len(row) > len(names) else Reason.MISSING
            yield reader.line_num, fields


def _require(columns: Sequence[str], where: str) -> None:
    """Raises Refused where time or prices cannot be made out, or two columns have one name."""
    names = {*columns} - {""}
    if twice := sorted(name for name in names if columns.count(name) > 1):
        raise Refused(Code.MALFORMED, f"Columns named twice in {where}: {', '.join(twice)}.")
    quoted = {f"{side}_{part}" for side in ("bid", "ask") for part in PARTS}
    plain = all(part in names or part[0] in names for part in PARTS)
    if not names & {*candle_times.COLUMNS} or not (plain or quoted <= names):
        times = ", ".join(candle_times.COLUMNS)
        wanted = f"a time ({times}) and {', '.join(PARTS)}, or those of bid and ask"
        message = f"No columns for candles in {where}: {wanted} are needed."
        raise Refused(Code.MALFORMED, message)


def _plain(symbol: object) -> str:
    return re.sub(r"[^A-Z0-9]", "", str(symbol).upper())
