"""People: who they are and what each prefers."""

from importlib import import_module

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """People: who they are and what each prefers."""

    name = "accounts"

    def ready(self) -> None:
        """Start to listen at the door."""
        import_module("accounts.audit")
