"""Is everything running? What the operator sees first in the console."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest

from accounts import people
from core import clock
from core.errors import Refused
from market import quotes
from portfolio import activity

DAYS = 14


@dataclass(frozen=True, slots=True)
class Feed:
    """One source of prices: how many instruments it feeds, and the age of its last answer."""

    source: str
    instruments: int
    as_of: datetime
    age_s: int


def add(_request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Unfold's hook: `context` of the console's first page, with today's figures."""
    return context | {"people": people.count(), "days": days(), "feeds": feed_table()}


def days() -> list[dict[str, Any]]:
    """Conversions of the last days, newest first, with the share of the busiest in per cent."""
    counted = activity.conversions_per_day(days=DAYS)
    busiest = max(day.conversions for day in counted) or 1
    return [
        {"date": day.date, "count": day.conversions, "share": 100 * day.conversions // busiest}
        for day in reversed(counted)
    ]


def feed_table() -> dict[str, Any]:
    """The sources as Unfold's table component wants them."""
    rows = [[feed.source, feed.instruments, clock.iso(feed.as_of), feed.age_s] for feed in feeds()]
    return {"headers": ["Source", "Instruments", "Last answer (UTC)", "Age, s"], "rows": rows}


def feeds() -> list[Feed]:
    """Every source that has spoken, freshest first; empty while Redis is away."""
    try:
        prices = quotes.latest().values()
    except Refused:
        return []
    return sorted(_by_source(prices), key=lambda feed: feed.age_s)


def _by_source(prices: Iterable[quotes.ReferencePrice]) -> Iterable[Feed]:
    spoken: dict[str, list[datetime]] = {}
    for price in prices:
        for one in price.contributors:
            spoken.setdefault(one.source, []).append(one.as_of)
    now = clock.now()
    for source, moments in spoken.items():
        newest = max(moments)
        yield Feed(source, len(moments), newest, int((now - newest).total_seconds()))
