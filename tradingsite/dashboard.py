"""Is everything running? What the operator sees first in the console."""

import json
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
        "conversions": chart(),
        "feeds": {"headers": FEED_COLUMNS, "rows": feed_rows()},
    }


def chart() -> str:
    """Conversions of the last days, as Unfold's bar chart wants them."""
    days = activity.conversions_per_day(days=DAYS)
    bars = {
        "label": "Conversions",
        "data": [day.conversions for day in days],
        "backgroundColor": "var(--color-primary-600)",
    }
    return json.dumps({"labels": [f"{day.date:%d %b}" for day in days], "datasets": [bars]})


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
