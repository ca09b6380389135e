"""Is everything running? What the operator sees first in the console."""

from typing import Any

from django.http import HttpRequest

from accounts import people
from core import clock
from market import sources
from portfolio import activity, proofs

DAYS = 14
FEED_COLUMNS = ["Source", "State", "Last success, s ago", "Accepted", "Refused", "Last problem"]


def add(_request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Unfold's hook: `context` of the console's first page, with today's figures."""
    return context | {
        "people": people.count(),
        "proof": proofs.latest(),
        "days": days(),
        "feeds": {"headers": FEED_COLUMNS, "rows": feed_rows()},
    }


def days() -> list[dict[str, Any]]:
    """Conversions of the last days, newest first, with the share of the busiest in per cent."""
    counted = activity.conversions_per_day(days=DAYS)
    busiest = max(day.conversions for day in counted) or 1
    return [
        {"date": day.date, "count": day.conversions, "share": 100 * day.conversions // busiest}
        for day in reversed(counted)
    ]


def feed_rows() -> list[list[Any]]:
    """One line per source, as Unfold's table component wants it."""
    now = clock.now()
    return [
        [
            source.name,
            source.get_state_display(),
            int((now - source.last_success_at).total_seconds()) if source.last_success_at else "-",
            source.accepted,
            source.rejected,
            source.last_problem or "-",
        ]
        for source in sources.health()
    ]
