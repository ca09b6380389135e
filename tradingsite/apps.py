"""The wiring app: system checks and commands that belong to no floor."""

from django.apps import AppConfig


class TradingsiteConfig(AppConfig):
    """Top floor; has no models."""

    name = "tradingsite"
