"""The market in the console: catalog, sources and what quality refused.

The CSV files are the catalog's truth; the operator's switch is `is_active`.
"""

from collections.abc import Callable, Iterable

from django.contrib import admin, messages
from django.http import HttpRequest

from core.console import Endless, FewFields, ReadOnly
from core.errors import Refused
from market import following
from market.models import Currency, Instrument, NewsFeed, Rejection, SourceHealth, Story, TopCoin


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


@admin.register(TopCoin)
class TopCoinConsole(FewFields):
    """The coins by market value; a superuser may take one out of use, or back."""

    list_display = (
        *("rank", "code", "name", "market_value", "price", "as_of", "followed_at", "is_removed"),
    )
    list_filter = ("is_removed",)
    search_fields = ("code", "name")
    actions = ("remove", "restore")

    @admin.action(description="Follow no longer", permissions=["change"])
    def remove(self, request: HttpRequest, chosen: Iterable[TopCoin]) -> None:
        """Take coins out of use; later lists mind it."""
        self._each(request, chosen, following.remove)

    @admin.action(description="Follow again", permissions=["change"])
    def restore(self, request: HttpRequest, chosen: Iterable[TopCoin]) -> None:
        """Take removed coins back into use."""
        self._each(request, chosen, following.restore)

    def _each(
        self, request: HttpRequest, chosen: Iterable[TopCoin], work: Callable[[str], None]
    ) -> None:
        for coin in chosen:
            try:
                work(coin.code)
            except Refused as refusal:
                self.message_user(request, refusal.message, messages.ERROR)


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
