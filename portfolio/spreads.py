"""How far from mid is a person's rate? One versioned table, by pair and session.

Spreads are in basis points on one side of mid. A pair of two currencies takes the wider class; a
pair with a coin takes the sum of its legs against USD, at most `CAP_BPS`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from market import catalog, sessions
from market.quotes import PairPrice

VERSION = "2026-11"
MAJORS = frozenset({"USD", "EUR", "GBP", "JPY", "CHF", "CAD", "AUD"})
MAJORS_BPS = {"day": Decimal("1.5"), "night": Decimal("2.5"), "weekend": Decimal(25)}
OTHERS = MAJORS | {"NZD", "SEK", "NOK", "DKK", "SGD"}
OTHERS_BPS = {"day": Decimal("2.5"), "night": Decimal(4), "weekend": Decimal(35)}
FIXED_BPS = {"HKD": Decimal(15), "CNY": Decimal(15)}  # every session
REST_BPS = Decimal(40)  # INR KRW MXN BRL ZAR TRY PLN THB, and any currency without a class
REFERENCE_BPS = Decimal(15)  # at least, where a fixing is in the price
OLD_FIXING_BPS = Decimal(20)  # on top, where it is older than
OLD_FIXING = timedelta(days=2)
COIN_BPS = {code: Decimal(5) for code in ("BTC", "ETH")} | {
    code: Decimal(3) for code in ("USDT", "USDC")
}
REST_COIN_BPS = Decimal(12)
CAP_BPS = Decimal(100)


@dataclass(frozen=True, slots=True)
class Spread:
    """The distance from mid in basis points, the session it is of, and the table it is from."""

    bps: Decimal
    session: str
    version: str = VERSION


def of(price: PairPrice, *, at: datetime) -> Spread:
    """The spread of a pair's price at an aware moment."""
    session = sessions.session(at)
    pair = (price.from_code, price.to_code)
    coins = [code for code in pair if not catalog.currency(code).is_fiat]
    if not coins:
        return Spread(_fiat(pair, session) + _fixing(price, at, _fiat(pair, session)), session)
    fiat = [code for code in pair if code not in coins and code != catalog.HUB]
    legs = [COIN_BPS.get(code, REST_COIN_BPS) for code in coins]
    for code in fiat:
        bps = _fiat((code, catalog.HUB), session)
        legs.append(bps + _fixing(price, at, bps))
    return Spread(min(sum(legs, Decimal(0)), CAP_BPS), session)


def _fiat(pair: tuple[str, str], session: str) -> Decimal:
    classed = [FIXED_BPS.get(code, REST_BPS) for code in pair if code not in OTHERS]
    if classed:
        return max(classed)
    is_major = catalog.HUB in pair and MAJORS.issuperset(pair)
    return (MAJORS_BPS if is_major else OTHERS_BPS)[session]


def _fixing(price: PairPrice, at: datetime, bps: Decimal) -> Decimal:
    """What a fixing in the path adds to `bps`: up to the reference spread, more when it is old."""
    fixings = [leg.price.as_of for leg in price.legs if leg.price.state == "reference"]
    if not fixings:
        return Decimal(0)
    extra = OLD_FIXING_BPS if at - min(fixings) > OLD_FIXING else Decimal(0)
    return max(REFERENCE_BPS - bps, Decimal(0)) + extra
