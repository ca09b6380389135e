"""What is an account worth? Every balance at mid in one currency; what has no price is said."""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from core.errors import Code, Refused
from core.money import half_even_to
from market import catalog, quotes
from market.quotes import PairPrice
from portfolio import ledger
from portfolio.models import TradingAccount


@dataclass(frozen=True, slots=True)
class Line:
    """One currency of an account; `price` and `value` are None where nothing is known.

    `value` is the total at mid in `value_currency`, to that currency's decimals.
    """

    currency: str
    decimals: int
    available: Decimal
    held: Decimal
    value: Decimal | None
    value_currency: str
    price: PairPrice | None

    @property
    def total(self) -> Decimal:
        """Available and held together."""
        return self.available + self.held

    @property
    def rate(self) -> Decimal | None:
        """Units of the value's currency per 1 of this one."""
        if self.currency == self.value_currency:
            return Decimal(1)
        return self.price.mid if self.price else None

    @property
    def as_of(self) -> datetime | None:
        """When the price was last answered; None for the value's own currency."""
        return self.price.as_of if self.price else None


@dataclass(frozen=True, slots=True)
class Valuation:
    """All lines and their sum; not `complete` where a line with money in it has no price."""

    lines: tuple[Line, ...]
    currency: str
    total: Decimal
    complete: bool
    as_of: datetime | None


def value(account: TradingAccount, base: str) -> Valuation:
    """The account in units of `base`; old prices count and say so by their age and state.

    Raises Refused `unknown_currency`.
    """
    worth = catalog.currency(base)
    lines = tuple(_line(balance, worth) for balance in ledger.balances(account))
    times = [line.as_of for line in lines if line.as_of and line.total]
    return Valuation(
        lines=lines,
        currency=worth.code,
        total=sum((line.value for line in lines if line.value is not None), Decimal(0)),
        complete=all(line.value is not None for line in lines),
        as_of=min(times, default=None),
    )


def _line(balance: ledger.Balance, worth: catalog.CurrencyInfo) -> Line:
    price = _price(balance.currency, worth.code)
    line = Line(
        currency=balance.currency,
        decimals=balance.decimals,
        available=balance.available,
        held=balance.held,
        value=None,
        value_currency=worth.code,
        price=price,
    )
    if line.rate is None and line.total:
        return line
    exact = line.total * (line.rate or 0)
    return replace(line, value=half_even_to(exact, worth.decimals))


def _price(currency: str, base: str) -> PairPrice | None:
    if currency == base:
        return None
    try:
        return quotes.pair(currency, base)
    except Refused as refusal:
        if refusal.code in (Code.NOT_READY, Code.UNKNOWN_CURRENCY):  # no price yet, or delisted
            return None
        raise
