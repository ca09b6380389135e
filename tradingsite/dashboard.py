"""Is everything running? What the operator sees first in the console."""

import json
from typing import Any

from django.http import HttpRequest

from accounts import people
from portfolio import activity, proofs
from tradingsite.operations import feeds, tables

DAYS = 14


def add(_request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Unfold's hook: `context` of the console's first page, with today's figures."""
    return context | {
        "people": people.count(),
        "proof": proofs.latest(),
        "conversions": chart(),
        "feeds": tables.feeds(feeds.now()),
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
