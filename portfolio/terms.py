"""What does a conversion cost, and what comes out? The formula, on exact numbers, and nothing else.

    rate = mid * (1 - spread_bps / 10^4), cut to 12 decimals; units of `to` per 1 `from`

The fee is in `from` and inside `amount_from`; what rounding leaves goes to the house.
"""

from dataclasses import dataclass
from decimal import Decimal, localcontext

from core.errors import Code, Refused
from core.money import EXACT, STORED_DECIMALS, ceil_to, floor_to, half_even_to

RATE_DECIMALS = 12
BPS = Decimal(10_000)


@dataclass(frozen=True, slots=True)
class Currencies:
    """The two codes and how many decimals each is counted in."""

    from_code: str
    from_decimals: int
    to_code: str
    to_decimals: int


@dataclass(frozen=True, slots=True)
class Terms:
    """What is debited, what is credited, and why: `residue` is in `to`, `fee` in `from`."""

    mid: Decimal
    rate: Decimal
    fee: Decimal
    amount_from: Decimal
    amount_to: Decimal
    residue: Decimal


def rate_of(mid: Decimal, spread_bps: Decimal) -> Decimal:
    """The person's rate: mid less the spread, cut to 12 decimals."""
    with localcontext(EXACT):
        return floor_to(mid * (1 - spread_bps / BPS), RATE_DECIMALS)


def stored(mid: Decimal) -> Decimal:
    """A mid as the quote's row can keep it: what the rate is computed from is what is shown."""
    return half_even_to(mid, STORED_DECIMALS)


def fixed_from(
    amount: Decimal, *, mid: Decimal, spread_bps: Decimal, fee_rate: Decimal, codes: Currencies
) -> Terms:
    """The person gives exactly `amount`. Raises Refused `amount_too_small`."""
    rate = rate_of(mid, spread_bps)
    with localcontext(EXACT):
        fee = ceil_to(amount * fee_rate, codes.from_decimals)
        net = amount - fee
        product = floor_to(net * rate, STORED_DECIMALS)
        received = floor_to(product, codes.to_decimals)
        if net <= 0 or received <= 0:
            raise _too_small(codes)
        return Terms(mid, rate, fee, amount, received, product - received)


def fixed_to(
    amount: Decimal, *, mid: Decimal, spread_bps: Decimal, fee_rate: Decimal, codes: Currencies
) -> Terms:
    """The person receives exactly `amount`. Raises Refused `amount_too_small`."""
    rate = rate_of(mid, spread_bps)
    if rate <= 0:
        raise _too_small(codes)
    with localcontext(EXACT):
        net = ceil_to(amount / rate, codes.from_decimals)
        fee = ceil_to(net * fee_rate / (1 - fee_rate), codes.from_decimals)
        product = floor_to(net * rate, STORED_DECIMALS)
        return Terms(mid, rate, fee, net + fee, amount, product - amount)


def _too_small(codes: Currencies) -> Refused:
    return Refused(
        Code.AMOUNT_TOO_SMALL,
        f"After the fee and rounding no {codes.to_code} would be left.",
        currency=codes.from_code,
    )
