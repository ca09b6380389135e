"""Prices as the one writer leaves them in Redis, for pages that read them."""

from decimal import Decimal

from core import clock, push
from market import quotes


def put_price(symbol: str, mid: str | None, *, sources: tuple[str, ...] = ("kraken",)) -> None:
    """Make `mid` the latest price of an instrument; None takes it away."""
    client = push.redis_client()
    if mid is None:
        client.hdel(quotes.LATEST, symbol)
        return
    price, now = Decimal(mid), clock.now()
    heard = tuple(
        quotes.Contributor(source, price, price, price, now, used=True) for source in sources
    )
    latest = quotes.ReferencePrice(symbol, price, price, price, now, "live", contributors=heard)
    client.hset(quotes.LATEST, symbol, quotes.encode(latest))
