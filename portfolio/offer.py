"""How is a held rate put before a person? The quote with its costs, basis and time left."""

import math
from dataclasses import dataclass
from decimal import Decimal, localcontext
from uuid import uuid4

from core import clock
from core.errors import PlatformError, Refused
from core.money import EXACT
from market import quotes, sources
from portfolio import costs, spreads, terms
from portfolio.models import ConversionQuote


@dataclass(frozen=True, slots=True)
class Offer:
    """Everything the ticket shows of one quote; `accept_key` makes its confirmation count once."""

    quote: ConversionQuote
    costs: costs.Costs
    seconds_left: int
    basis: str
    caution: str
    accept_key: str

    @property
    def rate_kind(self) -> str:
        """How its rates are written."""
        return rate_kind(self.quote)


def of(quote: ConversionQuote) -> Offer:
    """The offer of a quote that was just made."""
    left = math.ceil(quote.left.total_seconds())
    return Offer(
        quote=quote,
        costs=costs.of(quote),
        seconds_left=min(quote.lifetime_s, max(0, left)),
        basis=basis(quote),
        caution=caution(quote),
        accept_key=str(uuid4()),
    )


def rate_kind(quote: ConversionQuote) -> str:
    """`crypto` where a coin is in the pair, else `fiat`."""
    is_fiat = quote.from_currency.kind == quote.to_currency.kind == "fiat"
    return "fiat" if is_fiat else "crypto"


def basis(quote: ConversionQuote) -> str:
    """What the mid-market rate rests on, in a few words."""
    if quote.simulated:
        return "simulated"
    if quote.price_state == "reference":
        return f"fixing of {quote.price_as_of:%-d %b}"
    used = sorted({kept["source"] for kept in quote.sources if kept["used"]})
    if len(quote.path) > 2:
        return f"through {quote.path[1]}"
    if len(used) == 1:
        return sources.title(used[0])
    return f"median of {len(used)}" if len(used) > 2 else "mean of 2"


def caution(quote: ConversionQuote) -> str:
    """What the person should know about the price; empty for an ordinary live one."""
    if quote.simulated:
        return "Simulated market: made from real history, not today’s prices."
    if quote.price_state == "reference":
        return f"Fixing of {quote.price_as_of:%-d %b %Y}: a wider spread applies."
    return ""


@dataclass(frozen=True, slots=True)
class Gone:
    """A rate that was not taken, and an indication of the next one (not held for anybody).

    Both rates are all-in, as the quote showed its own. `more` is what the new one would be better
    by, negative for worse: more of `to` for the same `from`, or, where `to` was exact, less of
    `from` for the same `to`.
    """

    quote: ConversionQuote
    was: Decimal
    now: Decimal | None
    more: Decimal
    refusal: PlatformError | None = None

    @property
    def rate_kind(self) -> str:
        """How its rates are written."""
        return rate_kind(self.quote)


def gone(quote: ConversionQuote) -> Gone:
    """What has become of an expired quote's rate."""
    was = costs.of(quote).all_in_rate
    try:
        again = _again(quote)
    except Refused as refusal:
        return Gone(quote, was, None, Decimal(0), refusal)
    if quote.fixed_side == "to":
        more = quote.amount_from - again.amount_from
    else:
        more = again.amount_to - quote.amount_to
    with localcontext(EXACT):
        return Gone(quote, was, again.amount_to / again.amount_from, more)


def _again(quote: ConversionQuote) -> terms.Terms:
    """The same wish at the price of this moment."""
    start, end = quote.from_currency, quote.to_currency
    price = quotes.pair(start.code, end.code)
    is_to = quote.fixed_side == "to"
    work = terms.fixed_to if is_to else terms.fixed_from
    return work(
        quote.amount_to if is_to else quote.amount_from,
        mid=terms.stored(price.mid),
        spread_bps=spreads.of(price, at=clock.now()).bps,
        fee_rate=quote.fee_rate,
        codes=terms.Currencies(start.code, start.decimals, end.code, end.decimals),
    )


def received(quote: ConversionQuote) -> str:
    """What the person got, for running text."""
    currency = quote.to_currency
    digits = f"{quote.amount_to:,.{currency.decimals}f}".replace(",", "\u202f")
    return f"{digits} {currency.code}"
