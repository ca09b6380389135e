"""Money: what people own, and the only writer of it."""

from django.apps import AppConfig


class PortfolioConfig(AppConfig):
    """Money: what people own, and the only writer of it."""

    name = "portfolio"
