"""Loads rules, grants and catalog after a migration; as the owner, any number of times."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.db import connections, transaction

from market import catalog
from tradingsite.datafolder import PROJECT

SQL_FILES = ("market/ticks.sql", "portfolio/books.sql", "tradingsite/grants.sql")


class Command(BaseCommand):
    """`manage.py prepare_database`"""

    help = __doc__ or ""

    def handle(self, *args: Any, **options: Any) -> None:
        """Run every rules file in one transaction as the owner, then load the catalog."""
        with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
            for path in self.files():
                cursor.execute(path.read_text())
        catalog.load(using="owner")

    def files(self) -> list[Path]:
        """The SQL files in the order they build on each other."""
        return [PROJECT / name for name in SQL_FILES if (PROJECT / name).exists()]
