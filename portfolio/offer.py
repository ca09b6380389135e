"""How is a held rate put before a person? The quote with its costs, basis and time left."""

import math
from dataclasses import dataclass
from decimal import Decimal
from uuid import uuid4

from core import clock
from core.errors import PlatformError, Refused
from core.money import half_even_to
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

    `more` is what the new rate would be better by, negative for worse: more of `to` for the same
    `from`, or, where `to` was exact, less of `from` for the same `to`.
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
    try:
        price = quotes.pair(quote.from_currency.code, quote.to_currency.code)
    except Refused as refusal:
        return Gone(quote, quote.rate, None, Decimal(0), refusal)
    spread = spreads.of(price, at=clock.now())
    now = terms.rate_of(terms.stored(price.mid), spread.bps)
    return Gone(quote, quote.rate, now, _better_by(quote, now))


def _better_by(quote: ConversionQuote, rate: Decimal) -> Decimal:
    paid = quote.amount_from - quote.fee
    if quote.fixed_side == "to":
        return half_even_to(paid - quote.amount_to / rate, quote.from_currency.decimals)
    return half_even_to(paid * (rate - quote.rate), quote.to_currency.decimals)


def received(quote: ConversionQuote) -> str:
    """What the person got, for running text."""
    currency = quote.to_currency
    digits = f"{quote.amount_to:,.{currency.decimals}f}".replace(",", "\u202f")
    return f"{digits} {currency.code}"
