"""How far from mid is a person's rate? One versioned table of `defaults.py`, by pair and session.

Spreads are in basis points on one side of mid. A pair of two currencies takes the wider class; a
pair with a coin takes the sum of its legs against USD, at most 100.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from market import catalog, sessions
from market.quotes import PairPrice
from portfolio import defaults


@dataclass(frozen=True, slots=True)
class Spread:
    """The distance from mid in basis points, the session it is of, and the table it is from."""

    bps: Decimal
    session: str
    version: str = defaults.SPREADS_VERSION


def of(price: PairPrice, *, at: datetime) -> Spread:
    """The spread of a pair's price at an aware moment."""
    session = sessions.session(at)
    pair = (price.from_code, price.to_code)
    coins = [code for code in pair if not catalog.currency(code).is_fiat]
    if not coins:
        return Spread(_fiat(pair, session) + _fixing(price, at, _fiat(pair, session)), session)
    fiat = [code for code in pair if code not in coins and code != catalog.HUB]
    legs = [defaults.COIN_BPS.get(code, defaults.REST_COIN_BPS) for code in coins]
    for code in fiat:
        bps = _fiat((code, catalog.HUB), session)
        legs.append(bps + _fixing(price, at, bps))
    return Spread(min(sum(legs, Decimal(0)), defaults.CAP_BPS), session)


def _fiat(pair: tuple[str, str], session: str) -> Decimal:
    rest = [code for code in pair if code not in defaults.OTHERS]
    classed = [defaults.FIXED_BPS.get(code, defaults.REST_BPS) for code in rest]
    if classed:
        return max(classed)
    is_major = catalog.HUB in pair and defaults.MAJORS.issuperset(pair)
    return (defaults.MAJORS_BPS if is_major else defaults.OTHERS_BPS)[session]


def _fixing(price: PairPrice, at: datetime, bps: Decimal) -> Decimal:
    """What a fixing in the path adds to `bps`: up to the reference spread, more when it is old."""
    fixings = [leg.price.as_of for leg in price.legs if leg.price.state == "reference"]
    if not fixings:
        return Decimal(0)
    extra = defaults.OLD_FIXING_BPS if at - min(fixings) > defaults.OLD_FIXING else Decimal(0)
    return max(defaults.REFERENCE_BPS - bps, Decimal(0)) + extra
