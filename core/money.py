"""What is an amount, and how is it rounded and written? Decimal in, text out, no floats."""

import re
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Context, Decimal, localcontext

from core.errors import Code, Refused

AMOUNT_TEXT = re.compile(r"^\d{1,20}(\.\d{1,18})?$", re.ASCII)
NO_AMOUNT = (
    "Write the amount like 2500.00: up to 20 digits, and up to 18 more after a decimal point;"
    " no sign, comma or exponent."
)
STORED_DECIMALS = 18  # NUMERIC(38,18) in PostgreSQL
EXACT = Context(prec=80)  # wide enough for the product of any two stored amounts


@dataclass(frozen=True, slots=True)
class Money:
    """An exact amount of one currency; refuses floats (TypeError), NaN, infinity (ValueError)."""

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        if not isinstance(self.amount, Decimal):
            raise TypeError(f"money is a Decimal, not {type(self.amount).__name__}")
        if not self.amount.is_finite():
            raise ValueError("money is a finite number")

    def __add__(self, other: "Money") -> "Money":
        self._same_currency(other)
        return Money(EXACT.add(self.amount, other.amount), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        self._same_currency(other)
        return Money(EXACT.subtract(self.amount, other.amount), self.currency)

    def _same_currency(self, other: "Money") -> None:
        if self.currency != other.currency:
            raise ValueError(f"{self.currency} and {other.currency} do not add up")


def parse(text: object) -> Decimal:
    """The amount a program sent as text.

    Raises Refused `amount_not_text` for a JSON number, `amount_invalid` for anything that is not
    1-20 digits with at most 18 decimals (no sign, exponent or separators) or is zero.
    """
    if not isinstance(text, str):
        raise Refused(Code.AMOUNT_NOT_TEXT, 'Send amounts as text, for example "2423.00".')
    if not AMOUNT_TEXT.fullmatch(text):
        raise Refused(Code.AMOUNT_INVALID, NO_AMOUNT)
    amount = Decimal(text)
    if amount == 0:
        raise Refused(Code.AMOUNT_INVALID, "The amount must be more than zero.")
    return amount


def floor_to(amount: Decimal, decimals: int) -> Decimal:
    """`amount` rounded down to the currency's decimals: what a person receives."""
    return _quantised(amount, decimals, ROUND_FLOOR)


def ceil_to(amount: Decimal, decimals: int) -> Decimal:
    """`amount` rounded up to the currency's decimals: what a fee or a debit costs."""
    return _quantised(amount, decimals, ROUND_CEILING)


def half_even_to(amount: Decimal, decimals: int) -> Decimal:
    """`amount` rounded to the nearest, ties to even: for values that are shown, never posted."""
    return _quantised(amount, decimals, ROUND_HALF_EVEN)


def significant(number: Decimal, digits: int = 10) -> Decimal:
    """`number` to so many significant digits, ties to even: prices on the wire."""
    return Context(prec=digits, rounding=ROUND_HALF_EVEN).plus(number)


def wire(number: Decimal) -> str:
    """`number` as it goes over every wire: plain digits, never an exponent."""
    return f"{number:f}"


def plain(number: Decimal) -> str:
    """A price or rate without trailing zeros, never with an exponent."""
    return wire(number.normalize(EXACT))


def decimals_of(amount: Decimal) -> int:
    """How many decimals `amount` really uses: 1.500 uses one."""
    exponent = amount.normalize(EXACT).as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _quantised(amount: Decimal, decimals: int, rounding: str) -> Decimal:
    if not isinstance(amount, Decimal):
        raise TypeError(f"money is a Decimal, not {type(amount).__name__}")
    with localcontext(EXACT):
        return amount.quantize(Decimal(1).scaleb(-decimals), rounding=rounding)
