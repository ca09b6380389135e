"""The books in the console: every row can be looked at, none can be touched."""

from decimal import Decimal
from operator import attrgetter
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from core.console import Endless, ReadOnly, ReadOnlyLines, Write
from market import catalog
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
from portfolio.templatetags.ledger_figures import exact


def of(currency: str) -> Write:
    """An amount as the currency has it which `currency` leads to from its row."""
    find = attrgetter(currency)
    return lambda row, amount: exact(amount, catalog.decimals_least(find(row)))


def of_no_currency(_row: Any, number: Decimal) -> str:
    """A rate or share, every digit of it."""
    return exact(number)


class BalanceLines(ReadOnlyLines):
    """What a trading account holds."""

    model = LedgerAccount
    fields = ("currency", "kind", "balance")
    figures = {"balance": of("currency")}

    def get_queryset(self, request: HttpRequest) -> QuerySet[LedgerAccount]:
        """With their currencies."""
        rows: QuerySet[LedgerAccount] = super().get_queryset(request)
        return rows.select_related("currency")


class PostingLines(ReadOnlyLines):
    """What an entry moved."""

    model = Posting
    fields = ("account", "amount")
    figures = {"amount": of("account.currency")}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Posting]:
        """With their accounts and currencies."""
        rows: QuerySet[Posting] = super().get_queryset(request)
        return rows.select_related("account__currency")


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

    list_display = ("owner", "mode", "currency", "kind", "balance")
    figures = {"balance": of("currency")}
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

    list_display = ("id", "entry", "account", "amount")
    figures = {"amount": of("account.currency")}
    list_select_related = ("entry", "account__currency")
    search_fields = ("=entry__public_id",)


@admin.register(ConversionQuote)
class ConversionQuoteConsole(Endless):
    """Rates that were offered, and what became of them."""

    list_display = (
        *("id", "created_at", "user", "from_currency", "to_currency"),
        *("amount_from", "amount_to", "rate", "spread_bps", "expires_at", "accepted_entry"),
    )
    figures = {
        **dict.fromkeys(("amount_from", "fee"), of("from_currency")),
        **dict.fromkeys(("amount_to", "residue"), of("to_currency")),
        **dict.fromkeys(("mid", "rate", "spread_bps", "fee_rate"), of_no_currency),
    }
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
