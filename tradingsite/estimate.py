"""What would somebody get for an amount now? The formula of conversions, at the latest price."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from core import clock, money
from core.errors import Refused
from market import catalog, quotes
from portfolio import defaults, spreads, terms, tradable
from portfolio.models import Mode
from tradingsite.templatetags import figures

FIRST_AMOUNT = "1\u00a0000.00"
FIRST_CHOICES = ("EUR", "USD")


@dataclass(frozen=True, slots=True)
class Estimate:
    """One answer; `spread_cost` is in the second currency, `fee` in the first, like everywhere."""

    terms: terms.Terms
    spread_bps: Decimal
    spread_cost: Decimal
    fee_percent: Decimal
    as_of: datetime
    simulated: bool
    why_not: str  # empty where such a price is converted


@dataclass(frozen=True, slots=True)
class Calculator:
    """The two sides as they stand in the form; `estimate` is None where `refusal` says why."""

    from_code: str
    to_code: str
    side: str
    have: str
    get: str
    estimate: Estimate | None
    refusal: str
    currencies: tuple[catalog.CurrencyInfo, ...]


def first(base: str) -> Calculator:
    """What the calculator shows before anybody has touched it."""
    other = next(code for code in FIRST_CHOICES if code != base)
    return of(from_code=base, to_code=other, side="from", amount=FIRST_AMOUNT)


def of(*, from_code: str, to_code: str, side: str, amount: str) -> Calculator:
    """The calculator for an amount of one side; spaces in the amount are read as thousands."""
    plain = "".join(amount.split())
    try:
        made, refusal = _estimate(from_code, to_code, side, plain), ""
    except Refused as error:
        made, refusal = None, error.message
    have, get = (amount, "") if side == "from" else ("", amount)
    if made and side == "from":
        get = _in_input(made.terms.amount_to, to_code)
    elif made:
        have = _in_input(made.terms.amount_from, from_code)
    return Calculator(
        from_code=from_code.upper(),
        to_code=to_code.upper(),
        side=side,
        have=have,
        get=get,
        estimate=made,
        refusal=refusal,
        currencies=catalog.currencies(),
    )


def _in_input(amount: Decimal, code: str) -> str:
    return figures.digits(amount, code).replace(figures.THIN, figures.FIXED)


def _estimate(from_code: str, to_code: str, side: str, amount: str) -> Estimate:
    given, taken = catalog.currency(from_code), catalog.currency(to_code)
    price = quotes.pair(given.code, taken.code)
    spread = spreads.of(price, at=clock.now())
    compute = terms.fixed_to if side == "to" else terms.fixed_from
    made = compute(
        money.parse(amount),
        mid=terms.stored(price.mid),
        spread_bps=spread.bps,
        fee_rate=defaults.FEE_RATE,
        codes=terms.Currencies(given.code, given.decimals, taken.code, taken.decimals),
    )
    cost = (made.amount_from - made.fee) * (made.mid - made.rate)
    return Estimate(
        terms=made,
        spread_bps=spread.bps,
        spread_cost=money.ceil_to(cost, taken.decimals),
        fee_percent=defaults.FEE_RATE * 100,
        as_of=price.as_of,
        simulated=price.simulated,
        why_not=_why_not(price),
    )


def _why_not(price: quotes.PairPrice) -> str:
    try:
        tradable.check(price, mode=Mode.VIRTUAL)
    except Refused as refusal:
        return refusal.message
    return ""
