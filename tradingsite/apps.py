"""The wiring app: system checks and commands that belong to no floor."""

from django.apps import AppConfig
from django.core.checks import Tags, register

from tradingsite import checks


class TradingsiteConfig(AppConfig):
    """Top floor; has no models."""

    name = "tradingsite"

    def ready(self) -> None:
        """Register our own system checks."""
        register(checks.app_role_is_not_the_owner, Tags.database)
