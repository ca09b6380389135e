"""The catalog in the console: the CSV files are its truth, the operator's switch is `is_active`."""

from django.contrib import admin

from core.console import FewFields
from market.models import Currency, Instrument


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
