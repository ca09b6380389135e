"""Which prices do the portfolio's tests see? Those written here, where the publisher writes its."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from core import clock, push
from market.quotes import LATEST, Contributor, ReferencePrice, State, encode

MIDS = {
    "EUR-USD": "1.1172",
    "GBP-USD": "1.3105",
    "USD-JPY": "157.25",
    "USD-CHF": "0.822950",
    "USD-SEK": "9.4410",
    "USD-INR": "88.17",
    "BTC-USD": "91250.50",
    "ETH-USD": "3120.10",
    "DOGE-USD": "0.1583",
}


def publish(symbol: str, mid: str | Decimal, **terms: object) -> ReferencePrice:
    """One instrument's price as every reader sees it from now on."""
    price = reference(symbol, mid, **terms)  # type: ignore[arg-type]
    push.redis_client().hset(LATEST, symbol, encode(price))
    return price


def publish_all(**terms: Any) -> None:
    """A market in which everything of `MIDS` has a live price."""
    told = {symbol: reference(symbol, mid, **terms) for symbol, mid in MIDS.items()}
    rows: dict[Any, Any] = {symbol: encode(price) for symbol, price in told.items()}
    push.redis_client().hset(LATEST, mapping=rows)


def reference(
    symbol: str,
    mid: str | Decimal,
    *,
    state: State = "live",
    age: timedelta = timedelta(0),
    at: datetime | None = None,
    reason: str = "",
    simulated: bool = False,
) -> ReferencePrice:
    """A price of one contributor, so old at this moment."""
    as_of, number = (at or clock.now()) - age, Decimal(mid)
    said = Contributor("kraken", number, None, None, as_of, used=True)
    return ReferencePrice(
        symbol=symbol,
        mid=number,
        bid=None,
        ask=None,
        as_of=as_of,
        state=state,
        reason=reason,
        simulated=simulated,
        contributors=(said,),
        fixing_date=as_of.date() if state == "reference" else None,
    )
