"""The market in the console: catalog, sources and what quality refused.

The CSV files are the catalog's truth; the operator's switch is `is_active`.
"""

from django.contrib import admin

from core.console import Endless, FewFields, ReadOnly
from market.models import Currency, Instrument, NewsFeed, Rejection, SourceHealth, Story


@admin.register(Currency)
class CurrencyConsole(FewFields):
    """Currencies; a superuser may take one out of use."""

    editable = ("is_active",)
    list_display = ("code", "name", "kind", "decimals", "on_board", "is_active")
    list_filter = ("kind", "on_board", "is_active")
    search_fields = ("code", "name")
    list_per_page = 100


@admin.register(Instrument)
class InstrumentConsole(FewFields):
    """Instruments; a superuser may take one out of use."""

    editable = ("is_active",)
    list_display = ("symbol", "kind", "trading_hours", "max_price_age_s", "is_active")
    list_filter = ("kind", "trading_hours", "is_active")
    search_fields = ("symbol",)
    list_per_page = 100


@admin.register(SourceHealth)
class SourceConsole(ReadOnly):
    """How every source of prices is doing."""

    list_display = (
        *("name", "state", "last_success_at", "accepted", "rejected"),
        *("last_problem_at", "last_problem"),
    )
    list_filter = ("state",)


@admin.register(Rejection)
class RejectionConsole(ReadOnly):
    """What quality refused, minute by minute."""

    list_display = ("minute", "source", "symbol", "reason", "count", "sample")
    list_filter = ("source", "reason", "minute")
    search_fields = ("symbol",)


@admin.register(NewsFeed)
class NewsFeedConsole(FewFields):
    """Where news are read from, and how reading goes; a superuser may switch one off."""

    editable = ("is_active",)
    list_display = (
        *("title", "url", "is_active", "last_success_at", "next_look_at", "failures"),
        "last_problem",
    )
    list_filter = ("is_active",)
    search_fields = ("title", "url")


@admin.register(Story)
class StoryConsole(Endless):
    """The stories that were read, with their mood."""

    list_display = ("published_at", "source", "title", "sentiment", "score")
    list_filter = ("sentiment", "source")
    search_fields = ("title",)
