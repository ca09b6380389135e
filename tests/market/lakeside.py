"""A market with a past, and what of it lies in PostgreSQL: builders for tests of the lake."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection

from market import candle_store, catalog, fixings
from market.candles import Candle
from market.fixings import Fixing

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
SMALLEST = Decimal("0.000000000000000001")


def candle(
    at: datetime,
    *,
    symbol: str = "BTC-USD",
    source: str = "kraken",
    interval: str = "1h",
    **more: Any,
) -> Candle:
    """A candle whose figures use every decimal there is."""
    low = Decimal(60_000) + at.hour + at.minute * SMALLEST
    values = (low + 2, low + 5 + SMALLEST, low, low + 3)
    known = catalog.instrument(symbol)
    more = {"volume": Decimal("0.123456789012345678")} | more
    return Candle(known.id, source, interval, at, *values, **more)


def store(*rows: Candle) -> None:
    with connection.cursor() as cursor:
        candle_store.replace(cursor, rows)


def fill(*, hours: int = 30) -> None:
    """Two instruments, three sources, all kinds of intervals, and fixings of two years."""
    start = NOON - timedelta(hours=hours)
    times = [start + timedelta(hours=n) for n in range(hours)]
    store(
        *(candle(at, source=source) for at in times for source in ("kraken", "reference")),
        *(candle(at, symbol="EUR-USD", minutes=59, volume=None) for at in times),
        *(candle(at, interval="1m", source="a/b é") for at in times),
        *(candle(NOON.replace(hour=0) - timedelta(n * 100), interval="1d") for n in range(1, 5)),
        candle(NOON, closed=False),
    )
    store_fixings({date(2025, 12, 31): "1.05", date(2026, 1, 2): "1.06"})


def store_fixings(rates: dict[date, str]) -> None:
    with connection.cursor() as cursor:
        fixings.store(cursor, [Fixing(day, {"USD": Decimal(rate)}) for day, rate in rates.items()])


def closed_rows() -> list[tuple[Any, ...]]:
    """Every closed candle there is, whole, in one order."""
    return _all(
        "SELECT * FROM market_candle WHERE closed"
        " ORDER BY instrument_id, source, interval, open_time"
    )


def fixing_rows() -> list[tuple[Any, ...]]:
    return _all("SELECT * FROM market_fixing ORDER BY date, currency")


def empty() -> None:
    """PostgreSQL forgets every price."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM market_candle")
        cursor.execute("DELETE FROM market_fixing")


def _all(question: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(question)
        return list(cursor.fetchall())


def texts(rows: Iterable[tuple[Any, ...]]) -> list[str]:
    """Rows as text: 1.10 and 1.1 are not the same here."""
    return [repr(row) for row in rows]
