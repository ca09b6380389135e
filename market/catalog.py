"""What is traded here, and by which rules? The list of currencies and instruments.

The two CSV files beside this module are the truth of everything but `is_active`, which is the
operator's. Every process keeps the catalog for some seconds.
"""

import csv
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from core.errors import Code, Refused
from market.models import Currency, Instrument

FOLDER = Path(__file__).resolve().parent
KEPT_S = 30.0
COIN_DECIMALS = 4
HUB = "USD"  # every instrument with a price of its own is quoted against it
RULES = ("price_increment", "quantity_increment", "min_quantity")
CURRENCY_FIELDS = (
    *("code", "name", "kind", "decimals", "symbol", "flag"),
    *("is_active", "on_board", "position"),
)
INSTRUMENT_FIELDS = ("symbol", "kind", *RULES, "max_price_age_s", "trading_hours", "is_active")


@dataclass(frozen=True, slots=True)
class CurrencyInfo:
    """One currency; `decimals` is the precision of its balances, `flag` an ISO country code."""

    code: str
    name: str
    kind: str
    decimals: int
    symbol: str
    flag: str
    on_board: bool
    position: int

    @property
    def is_fiat(self) -> bool:
        """Money of a country, as opposed to a crypto coin."""
        return self.kind == Currency.Kind.FIAT


@dataclass(frozen=True, slots=True)
class InstrumentInfo:
    """One listed pair: the price is units of `quote` per 1 `base`."""

    id: int
    symbol: str
    base: str
    quote: str
    kind: str
    price_increment: Decimal
    quantity_increment: Decimal
    min_quantity: Decimal
    max_price_age_s: int
    trading_hours: str

    @property
    def is_cross(self) -> bool:
        """Priced through USD, not by quotes of its own."""
        return HUB not in (self.base, self.quote)


@dataclass(frozen=True, slots=True)
class Catalog:
    """All of it at one moment; `instruments` by symbol, those against USD first."""

    currencies: dict[str, CurrencyInfo]
    instruments: dict[str, InstrumentInfo]

    def leg(self, code: str) -> InstrumentInfo | None:
        """The instrument that prices a currency against USD."""
        listed = self.instruments
        return listed.get(f"{code}-{HUB}") or listed.get(f"{HUB}-{code}")

    @property
    def bases(self) -> tuple[str, ...]:
        """The codes a board can be based on: the fiat currencies in the order shown."""
        return tuple(info.code for info in self.currencies.values() if info.is_fiat)


_kept: list[tuple[float, Catalog]] = []  # when it was read, monotonic


def currencies() -> tuple[CurrencyInfo, ...]:
    """All active currencies in the order they are shown: the nine of the board, fiat, crypto."""
    return tuple(now().currencies.values())


def bases() -> tuple[str, ...]:
    """The codes a board can be based on: the active fiat currencies in the order shown."""
    return now().bases


def currency(code: str) -> CurrencyInfo:
    """The active currency of that code, in any case; raises Refused `unknown_currency`."""
    found = now().currencies.get(code.upper())
    if found is None:
        raise Refused(Code.UNKNOWN_CURRENCY, f"{code[:12]!r} is not a currency we know.")
    return found


def decimals_least(of: Currency | CurrencyInfo) -> int:
    """How many decimals an amount is written with at least: money's own, of coins four at most."""
    return of.decimals if of.kind == Currency.Kind.FIAT else min(COIN_DECIMALS, of.decimals)


def instruments() -> tuple[InstrumentInfo, ...]:
    """All active instruments, those against USD first."""
    return tuple(now().instruments.values())


def instrument(symbol: str) -> InstrumentInfo:
    """The listed instrument `EUR-USD` or `EUR/USD`, in any case; raises Refused `not_found`."""
    found = now().instruments.get(symbol.upper().replace("/", "-"))
    if found is None:
        raise Refused(Code.NOT_FOUND, f"{symbol[:25]!r} is not a listed instrument.")
    return found


def leg(code: str) -> InstrumentInfo:
    """The instrument that prices a currency against USD; raises Refused `unknown_currency`."""
    found = now().leg(code)
    if found is None:
        raise Refused(Code.UNKNOWN_CURRENCY, f"{code[:12]!r} has no price against {HUB}.")
    return found


@cache
def own_codes() -> frozenset[str]:
    """The currencies of the CSV file; others have joined since."""
    return frozenset(row["code"] for row in _rows("currencies.csv"))


def forget() -> None:
    """Read the catalog anew at the next question; to be called once what changed is committed."""
    global _kept
    _kept = []  # whoever is reading just now fills the old list


def load(*, using: str = "default") -> None:
    """Write the CSV files into the database; any number of times."""
    Currency.objects.using(using).bulk_create(
        _currencies(),
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=["name", "kind", "decimals", "symbol", "flag", "on_board", "position"],
    )
    ids = dict(Currency.objects.using(using).values_list("code", "id"))
    Instrument.objects.using(using).bulk_create(
        _instruments(ids),
        update_conflicts=True,
        unique_fields=["symbol"],
        update_fields=["kind", *RULES, "max_price_age_s", "trading_hours"],
    )
    forget()


def everything() -> dict[str, dict[str, dict[str, Any]]]:
    """Every currency by code and instrument by symbol, those switched off too, as plain text."""
    coins = Currency.objects.values(*CURRENCY_FIELDS)
    pairs = Instrument.objects.values("base__code", "quote__code", *INSTRUMENT_FIELDS)
    return {
        "currencies": {row["code"]: row for row in coins},
        "instruments": {
            row["symbol"]: row | {name: str(row[name]) for name in RULES} for row in pairs
        },
    }


@transaction.atomic
def add_missing(known: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> None:
    """Add what `everything` once said and is here no more; what is here stays as it is.

    Raises KeyError, TypeError or ValueError for anything else.
    """
    Currency.objects.bulk_create(
        [Currency(**row) for row in known["currencies"].values()], ignore_conflicts=True
    )
    ids = dict(Currency.objects.values_list("code", "id"))
    Instrument.objects.bulk_create(
        [
            Instrument(
                base_id=ids[row["base__code"]],
                quote_id=ids[row["quote__code"]],
                **{name: row[name] for name in INSTRUMENT_FIELDS},
            )
            for row in known["instruments"].values()
        ],
        ignore_conflicts=True,
    )
    forget()


def read(cursor: CursorWrapper) -> Catalog:
    """The catalog as it stands in the database now."""
    cursor.execute(
        f"SELECT {', '.join(CurrencyInfo.__dataclass_fields__)}"  # noqa: S608
        " FROM market_currency WHERE is_active ORDER BY position, code"
    )
    coins = [CurrencyInfo(*row) for row in cursor.fetchall()]
    cursor.execute(
        "SELECT i.id, i.symbol, b.code, q.code, i.kind, i.price_increment, i.quantity_increment,"
        " i.min_quantity, i.max_price_age_s, i.trading_hours FROM market_instrument i"
        " JOIN market_currency b ON b.id = i.base_id JOIN market_currency q ON q.id = i.quote_id"
        " WHERE i.is_active AND b.is_active AND q.is_active ORDER BY i.id"
    )
    pairs = sorted(map(_info, cursor.fetchall()), key=lambda pair: pair.is_cross)
    return Catalog(
        {info.code: info for info in coins},
        {pair.symbol: pair for pair in pairs},
    )


def now() -> Catalog:
    """The catalog as this process knows it, some seconds old at most."""
    kept = _kept
    if not kept or time.monotonic() - kept[0][0] > KEPT_S:
        with connection.cursor() as cursor:
            kept[:] = [(time.monotonic(), read(cursor))]
    return kept[0][1]


def _info(row: tuple[Any, ...]) -> InstrumentInfo:
    """An instrument without the zeros that PostgreSQL puts after its increments."""
    info = InstrumentInfo(*row)
    return replace(info, **{name: getattr(info, name).normalize() for name in RULES})


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (FOLDER / name).open(newline="", encoding="utf-8") as file:
        yield from csv.DictReader(file)


def _currencies() -> list[Currency]:
    return [
        Currency(
            code=row["code"],
            name=row["name"],
            kind=row["kind"],
            decimals=int(row["decimals"]),
            symbol=row["symbol"],
            flag=row["flag"],
            on_board=row["on_board"] == "yes",
            position=place,
        )
        for place, row in enumerate(_rows("currencies.csv"), start=1)
    ]


def _instruments(ids: dict[str, int]) -> list[Instrument]:
    return [
        Instrument(
            symbol=f"{row['base']}-{row['quote']}",
            base_id=ids[row["base"]],
            quote_id=ids[row["quote"]],
            kind=row["kind"],
            max_price_age_s=int(row["max_price_age_s"]),
            trading_hours=row["trading_hours"],
            **{name: Decimal(row[name]) for name in RULES},
        )
        for row in _rows("instruments.csv")
    ]
