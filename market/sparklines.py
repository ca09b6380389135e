"""What were the last weeks' daily closes? From the sources' days, else from the fixings."""

from bisect import bisect_right
from collections.abc import Mapping
from contextlib import suppress
from datetime import date, timedelta
from decimal import Decimal
from statistics import median

import redis
from django.core.cache import cache
from django.db import connection

from core import clock
from core.errors import Refused
from core.money import significant
from market import candles, catalog, fixings, simulation
from market.catalog import HUB, Catalog
from market.fixings import ANCHOR, Fixing
from market.today import worth_of

DAYS = 30
KEPT_S = 60
CLOSES_MIN = 2  # fewer days of candles say less than the fixings

Closes = dict[date, Decimal]  # a currency's worth in USD at the end of each day, oldest first


def closes(base: str) -> dict[str, tuple[Decimal, ...]]:
    """Up to 30 daily closes per currency code, oldest first, in the board's direction.

    No lines while nobody can say which market's days to draw. Raises Refused `unknown_currency`.
    """
    code = catalog.currency(base).code
    key = f"sparklines:{code}:{clock.now().date()}"
    with suppress(redis.RedisError):
        if (kept := cache.get(key)) is not None:
            return dict(kept)
    try:
        found = _closes(code)
    except Refused:  # Redis is away, and was since this process began
        return {}
    with suppress(redis.RedisError):
        cache.set(key, found, KEPT_S)
    return found


def _closes(base: str) -> dict[str, tuple[Decimal, ...]]:
    listing = catalog.now()
    worths = _worths(listing)
    lines = {
        info.code: _line(worths.get(info.code), worths.get(base), rises=not info.is_fiat)
        for info in listing.currencies.values()
        if info.code != base and {info.code, base} <= worths.keys() | {HUB}
    }
    return {code: line for code, line in lines.items() if line}


def _line(of: Closes | None, base: Closes | None, *, rises: bool) -> tuple[Decimal, ...]:
    """The quotients of two currencies' worths, day by day; None stands for USD.

    A coin's price in base rises with it; a fiat line is units of it per 1 base.
    """
    days = list(of or base or {})[-DAYS:]
    worths = [(_on(of, day), _on(base, day)) for day in days]
    return tuple(
        significant(coin / unit if rises else unit / coin) for coin, unit in worths if coin and unit
    )


def _on(closes: Closes | None, day: date) -> Decimal | None:
    """The last close up to that day."""
    if closes is None:
        return Decimal(1)
    days = list(closes)
    place = bisect_right(days, day)
    return closes[days[place - 1]] if place else None


def _worths(listing: Catalog) -> dict[str, Closes]:
    """The closes of every currency but USD."""
    with connection.cursor() as cursor:
        end = clock.midnight(clock.now())
        days = candles.said_days(cursor, end - timedelta(DAYS), end)
        fixed = fixings.latest(cursor, days=DAYS)
    simulated = simulation.last_symbols()
    said: dict[str, dict[date, list[Decimal]]] = {}
    pairs = {pair.id: pair for pair in listing.instruments.values() if not pair.is_cross}
    for day in days:
        pair = pairs.get(day.instrument_id)
        if pair and (day.source == candles.SIMULATED) == (pair.symbol in simulated):
            code, inverted = worth_of(pair)
            worth = 1 / day.close if inverted else day.close
            said.setdefault(code, {}).setdefault(day.open_time.date(), []).append(worth)
    closes = {
        code: {day: median(worths) for day, worths in by_day.items()}
        for code, by_day in said.items()
        if len(by_day) >= CLOSES_MIN
    }
    return _fixed(fixed) | closes


def _fixed(days: list[Fixing]) -> dict[str, Closes]:
    found: dict[str, Closes] = {}
    for fixing in days:
        rates: Mapping[str, Decimal] = {**fixing.rates, ANCHOR: Decimal(1)}
        for code, rate in rates.items():
            if code != HUB and HUB in rates:
                found.setdefault(code, {})[fixing.date] = rates[HUB] / rate
    return found
