"""The books in the console: every row can be looked at, none can be touched."""

from collections.abc import Callable

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from core.console import Endless, ReadOnly, ReadOnlyLines
from portfolio.models import (
    ConversionQuote,
    Correction,
    ExchangeKey,
    JournalEntry,
    LedgerAccount,
    Posting,
    Seal,
    Stop,
    TradingAccount,
)
from portfolio.templatetags import ledger_figures


def figure(field: str) -> Callable[[Model], str | None]:
    """A column of exact figures, without the zeros that only fill the database's digits."""

    @admin.display(description=field.replace("_", " "), ordering=field)
    def shown(row: Model) -> str | None:
        value = getattr(row, field)
        return None if value is None else ledger_figures.exact(value)

    return shown


BALANCE, AMOUNT = figure("balance"), figure("amount")


class BalanceLines(ReadOnlyLines):
    """What a trading account holds."""

    model = LedgerAccount
    fields = ("currency", "kind", BALANCE)
    readonly_fields = (BALANCE,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[LedgerAccount]:
        """With their currencies."""
        rows: QuerySet[LedgerAccount] = super().get_queryset(request)
        return rows.select_related("currency")


class PostingLines(ReadOnlyLines):
    """What an entry moved."""

    model = Posting
    fields = ("account", AMOUNT)
    readonly_fields = (AMOUNT,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Posting]:
        """With their accounts."""
        rows: QuerySet[Posting] = super().get_queryset(request)
        return rows.select_related("account")


@admin.register(TradingAccount)
class TradingAccountConsole(ReadOnly):
    """Accounts and what they hold."""

    list_display = ("name", "user", "mode", "opened_at", "closed_at", "frozen_at")
    list_filter = ("mode", "opened_at", "closed_at")
    list_select_related = ("user",)
    search_fields = ("user__username", "name", "=public_id")
    inlines = (BalanceLines,)


@admin.register(LedgerAccount)
class LedgerAccountConsole(Endless):
    """Balances per currency; those of the house are derived, so they show none."""

    list_display = ("owner", "mode", "currency", "kind", BALANCE)
    list_filter = ("mode", "kind", "currency")
    list_select_related = ("owner", "currency")
    search_fields = ("owner__user__username",)


@admin.register(JournalEntry)
class JournalEntryConsole(Endless):
    """What happened to money, with its postings."""

    list_display = ("id", "created_at", "kind", "account", "actor", "key", "simulated")
    list_filter = ("kind", "simulated", "created_at")
    list_select_related = ("account",)
    search_fields = ("=public_id", "=key", "=actor")
    inlines = (PostingLines,)


@admin.register(Posting)
class PostingConsole(Endless):
    """Single lines of entries."""

    list_display = ("id", "entry", "account", AMOUNT)
    list_select_related = ("entry", "account")
    search_fields = ("=entry__public_id",)


@admin.register(ConversionQuote)
class ConversionQuoteConsole(Endless):
    """Rates that were offered, and what became of them."""

    list_display = (
        *("id", "created_at", "user", "from_currency", "to_currency"),
        *(figure("amount_from"), figure("amount_to"), figure("rate"), figure("spread_bps")),
        *("expires_at", "accepted_entry"),
    )
    list_filter = ("price_state", "simulated", "created_at")
    list_select_related = ("user", "from_currency", "to_currency", "accepted_entry")
    search_fields = ("=public_id", "user__username")


@admin.register(Seal)
class SealConsole(Endless):
    """What binds the rows of the trail and the journal, so that nobody can touch them unseen."""

    list_display = ("number", "made_at", "stream", "after_id", "to_id", "rows", "digest")
    list_filter = ("stream", "made_at")


@admin.register(Stop)
class StopConsole(ReadOnly):
    """When the house let no money move, and why; made and ended on its own page."""

    list_display = ("began_at", "began_by", "reason", "ended_at")


@admin.register(Correction)
class CorrectionConsole(ReadOnly):
    """What staff undid, why, and who agreed; made and decided on its own page."""

    list_display = ("proposed_at", "state", "entry", "reason", "proposed_by", "decided_by")
    list_filter = ("state", "needs_second")
    list_select_related = ("entry", "proposed_by", "decided_by")


@admin.register(ExchangeKey)
class ExchangeKeyConsole(ReadOnly):
    """Keys people gave, and what became of them; what is sealed is not shown, not even sealed."""

    list_display = ("created_at", "user", "venue", "label", "mode", "key_end", "state")
    list_filter = ("venue", "mode", "state")
    list_select_related = ("user",)
    search_fields = ("user__username", "=public_id")
    exclude = ("sealed",)
