"""The wiring app with its system checks, and the console in place of Django's own admin."""

from importlib import import_module

from django.apps import AppConfig
from django.contrib.admin.apps import SimpleAdminConfig
from django.core.checks import Tags, register

from tradingsite import celery, checks

__all__ = ["celery"]  # whoever sends a task by its name sends it to ours


class TradingsiteConfig(AppConfig):
    """Top floor; has no models."""

    name = "tradingsite"
    default = True

    def ready(self) -> None:
        """Register our own system checks."""
        register(checks.app_role_is_not_the_owner, Tags.security)
        register(checks.the_sealing_key_is_wrapped, Tags.security)
        register(checks.a_slow_statement_is_waited_for, Tags.security)


class ConsoleConfig(SimpleAdminConfig):
    """Shows what our own `admin.py` files register; those of libraries show secrets."""

    default_site = "tradingsite.console.Console"
    default = False
    ours = ("market", "accounts", "portfolio", "tradingsite")

    def ready(self) -> None:
        """Register our pages."""
        super().ready()
        for app in self.ours:
            import_module(f"{app}.admin")
