"""What does a conversion cost against the mid-market rate? Derived from a quote, never stored."""

from dataclasses import dataclass
from decimal import Decimal, localcontext

from core.money import EXACT, ceil_to
from portfolio.models import ConversionQuote

PERCENT_DECIMALS = 3


@dataclass(frozen=True, slots=True)
class Costs:
    """`all_in_rate` is units of `to` per 1 `from`, everything included.

    `spread` is in `to`; `total` (spread, fee and rounding against mid) is in `from`, both rounded
    up to the currency; `percent` is the total's share of what is paid.
    """

    all_in_rate: Decimal
    spread: Decimal
    total: Decimal
    percent: Decimal


def of(quote: ConversionQuote) -> Costs:
    """The costs of one quote, exact before the last rounding."""
    with localcontext(EXACT):
        total = quote.amount_from - quote.amount_to / quote.mid
        spread = (quote.amount_from - quote.fee) * (quote.mid - quote.rate)
        return Costs(
            all_in_rate=quote.amount_to / quote.amount_from,
            spread=ceil_to(spread, quote.to_currency.decimals),
            total=ceil_to(total, quote.from_currency.decimals),
            percent=ceil_to(total * 100 / quote.amount_from, PERCENT_DECIMALS),
        )
