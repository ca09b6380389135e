"""What sources say, and the market that hears it: builders for tests of prices."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from market.catalog import Catalog, CurrencyInfo, InstrumentInfo
from market.fixings import Book, Fixing
from market.inbox import Batch, RawTick, Transport
from market.pricing import Memory
from market.quality import Judge
from market.simulation import Simulation
from market.today import Today

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)  # a Wednesday
MIDNIGHT = NOON.replace(hour=0)
ONE = Decimal(1)
KINDS = {
    "EUR-USD": "fx",
    "GBP-USD": "fx",
    "USD-JPY": "fx",
    "USD-SEK": "fx",
    "EUR-GBP": "fx",
    "BTC-USD": "crypto",
    "USDT-USD": "stablecoin",
}


def after(seconds: float) -> datetime:
    """So many seconds after noon."""
    return NOON + timedelta(seconds=seconds)


def pair(symbol: str) -> InstrumentInfo:
    base, quote = symbol.split("-")
    kind = KINDS[symbol]
    hours = "fx_week" if kind == "fx" else "always"
    return InstrumentInfo(
        list(KINDS).index(symbol) + 1, symbol, base, quote, kind, ONE, ONE, ONE, 10, hours
    )


def _kind(code: str) -> str:
    return "crypto" if code in ("BTC", "USDT") else "fiat"


def listing() -> Catalog:
    codes = ("USD", "JPY", "EUR", "GBP", "SEK", "BTC", "USDT")
    return Catalog(
        {
            code: CurrencyInfo(code, code, _kind(code), 2, code, "", True, place)
            for place, code in enumerate(codes)
        },
        {symbol: pair(symbol) for symbol in KINDS},
    )


def tick(symbol: str = "EUR-USD", mid: str = "1.1", **fields: Any) -> RawTick:
    """A tick with a spread of 2 basis points around `mid`."""
    half = Decimal(mid) / 10_000
    sides = {"bid": str(Decimal(mid) - half), "ask": str(Decimal(mid) + half), "volume": "5"}
    return RawTick(symbol, **(sides | fields))


def batch(
    *ticks: RawTick, source: str = "kraken", at: float = 0, transport: Transport = "rest"
) -> Batch:
    """An answer that came so many seconds after noon."""
    return Batch(source, transport, after(at), ticks=ticks)


def judge() -> Judge:
    return Judge(KINDS | {"BTC-USDT": "crypto"})


def book() -> Book:
    """Two days of fixings: EUR-USD 1.10 then 1.12, EUR-SEK 11.0 then 11.2, EUR-JPY 170, 175."""
    days = [("2026-11-16", "1.10", "11.0", "170"), ("2026-11-17", "1.12", "11.2", "175")]
    return Book(
        Fixing(
            datetime.fromisoformat(day).date(),
            {"USD": Decimal(usd), "SEK": Decimal(sek), "JPY": Decimal(jpy)},
        )
        for day, usd, sek, jpy in days
    )


def memory(*, fixings: bool = False, **simulation: Any) -> Memory:
    """A market that has heard nothing yet."""
    fields: dict[str, Any] = {"started_at": NOON, "answered": True} | simulation
    return Memory(
        listing(),
        simulation=Simulation(**fields),
        today=Today(MIDNIGHT),
        book=book() if fixings else None,
    )
