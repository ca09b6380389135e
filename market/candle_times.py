"""How do files write when a candle opens? In one column or two, as a number or in many texts."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from core import clock
from market import numbers
from market.numbers import Unfit

COLUMNS = (
    *("timestamp", "time", "open_time", "opentime", "datetime", "date", "unix", "start", "ts"),
    "__index_level_0__",  # pandas, of an index without a name
)
SECONDS_MAX = 100_000_000_000  # a larger time is in milliseconds, or finer
EPOCH = re.compile(r"\d{1,19}(\.\d{1,9})?([eE]\+?\d{1,2})?", re.ASCII)
CLOCK = re.compile(r"\d\d?:\d\d(:\d\d)?", re.ASCII)
DOTTED = re.compile(r"(\d{4})\.(\d\d)\.(\d\d)\b", re.ASCII)  # MetaTrader
TWELVE_HOURS = re.compile(r"(\d{4}-\d\d-\d\d) (\d\d)-([AP])M", re.ASCII)  # CryptoDataDownload


def of(row: Mapping[str, Any]) -> object:
    """A row's opening time as `numbers.moment` reads it; None where it has none."""
    told = next((row[name] for name in COLUMNS if name in row), None)
    clock = str(told)
    if "date" in row and CLOCK.fullmatch(clock):
        told = f"{row['date']} {'0' * (clock[1] == ':')}{clock}"
    return _plain(told)


def is_one(text: str) -> bool:
    """Whether this is a time, and no name of a column."""
    try:
        numbers.moment(_plain(text))
    except Unfit:
        return False
    return True


def _plain(value: object) -> object:
    """Seconds, micro- and nanoseconds become milliseconds, other shapes ISO 8601."""
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).isoformat()
    if isinstance(value, date):
        return clock.midnight(value).isoformat()
    text = str(value).strip().removesuffix(" UTC")
    if EPOCH.fullmatch(text):
        return _milliseconds(Decimal(text))
    text = DOTTED.sub(r"\1-\2-\3", text, count=1)
    if found := TWELVE_HOURS.fullmatch(text):
        text = f"{found[1]} {int(found[2]) % 12 + 12 * (found[3] == 'P'):02}:00"
    return text or None


def _milliseconds(number: Decimal) -> Decimal:
    if number < SECONDS_MAX:
        return number * 1000
    while number >= SECONDS_MAX * 1000:
        number /= 1000
    return number
