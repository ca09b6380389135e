"""People: who they are and what each prefers."""

from importlib import import_module

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """People: who they are and what each prefers."""

    name = "accounts"

    def ready(self) -> None:
        """Start to listen at the door, and put our rules in the place of allauth's."""
        import_module("accounts.audit")
        import_module("accounts.addresses").free_from_second_factors()
        import_module("accounts.recovery_codes").take_over()
