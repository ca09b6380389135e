"""May this price be traded on? Age, market state and whose money decide; a no says why."""

from core import clock
from core.errors import Code, Refused
from market.quotes import DISPUTED, Leg, PairPrice
from portfolio import defaults
from portfolio.models import Mode

AGE_MAX = {
    "live": defaults.LIVE_PRICE_AGE_MAX,
    "reference": defaults.REFERENCE_PRICE_AGE_MAX,
}


def check(price: PairPrice, *, mode: str) -> None:
    """Let a price pass, or raise Refused `price_stale`, `price_disputed` or `market_closed`."""
    pair = f"{price.from_code}/{price.to_code}"
    details = {"state": price.state, "reason": price.reason, "as_of": clock.iso(price.as_of)}
    if price.state == "closed":
        raise Refused(Code.MARKET_CLOSED, f"The market of {pair} is closed now.", **details)
    if price.reason == DISPUTED:
        message = f"The sources of {pair} disagree too much to give a rate."
        raise Refused(Code.PRICE_DISPUTED, message, **details)
    if not all(_is_fresh(leg) for leg in price.legs):
        why = "too old" if price.state in AGE_MAX else price.state
        message = f"The price of {pair} is {why}."
        raise Refused(Code.PRICE_STALE, message, **details)
    if mode != Mode.VIRTUAL and price.simulated:
        message = "Simulated prices move virtual money only."
        raise Refused(Code.PRICE_STALE, message, **details)
    if mode == Mode.REAL and price.state != "live":
        raise Refused(Code.PRICE_STALE, "Real money moves on live prices only.", **details)


def _is_fresh(leg: Leg) -> bool:
    """A state that is traded on at all, and an age within its limit; a future time is no age."""
    limit = AGE_MAX.get(leg.price.state)
    age = clock.now() - leg.price.as_of
    return limit is not None and -defaults.FUTURE_PRICE_MAX <= age <= limit
