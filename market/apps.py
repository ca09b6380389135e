"""Prices: what the world says."""

from django.apps import AppConfig


class MarketConfig(AppConfig):
    """Prices: what the world says."""

    name = "market"
