"""People: who they are and what each prefers."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """People: who they are and what each prefers."""

    name = "accounts"
