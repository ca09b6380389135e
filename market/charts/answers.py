"""How does a series of candles look on the wire, in JSON and as a table?"""

import csv
import io
from datetime import datetime
from decimal import Decimal
from typing import Any

from core.clock import iso
from core.money import significant, wire
from market.candles import Candle, Series

COLUMNS = ("time", "open", "high", "low", "close", "volume", "source")


def candle(one: Candle) -> dict[str, str | None]:
    """One candle; prices to 10 significant digits, as text."""
    return dict(zip(COLUMNS, row(one), strict=True))


def series(found: Series, following: str | None, *, coming: bool) -> dict[str, Any]:
    """The whole answer; `following` is the address of older candles, `coming` are some yet."""
    return {
        "instrument": found.symbol.replace("-", "/"),
        "interval": found.interval,
        "source": found.source,
        "simulated": found.simulated,
        "candles": [candle(one) for one in found.candles],
        "forming": None if found.forming is None else candle(found.forming),
        "gaps": [
            {"start": iso(gap.start), "end": iso(gap.end), "reason": gap.reason}
            for gap in found.gaps
        ],
        "past": "coming" if coming else "ready",
        "next": following,
    }


def table(found: Series) -> str:
    """The closed candles as CSV, oldest first."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows(row(one) for one in found.candles)
    return text.getvalue()


def row(one: Candle) -> tuple[str | None, ...]:
    """Time, open, high, low, close, volume and source as text."""
    prices = (one.open, one.high, one.low, one.close)
    volume = None if one.volume is None else wire(one.volume.normalize())
    return (iso(one.open_time), *map(price, prices), volume, one.source)


def price(value: Decimal) -> str:
    """A price as text, to 10 significant digits."""
    return wire(significant(value).normalize())


def file_name(found: Series, ending: str) -> str:
    """What the downloaded file is called."""
    last = found.candles[-1].open_time if found.candles else None
    return f"{found.symbol}-{found.interval}{_day(last)}.{ending}"


def _day(at: datetime | None) -> str:
    return f"-{at:%Y-%m-%d}" if at else ""
