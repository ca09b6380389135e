"""Loads rules, catalog and schedule after a migration; as the owner, any number of times."""

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.errors import PlatformError
from market import catalog
from tradingsite import rules, schedule
from tradingsite.migration_locks import patiently


class Command(BaseCommand):
    """`manage.py prepare_database [--migrate]`"""

    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        """`--migrate` brings the tables up to date first."""
        parser.add_argument("--migrate", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        """Roles, tables, rules, catalog, schedule: in this order."""
        try:
            rules.prepare_roles()
            if options["migrate"]:
                call_command("migrate", database="owner", verbosity=options["verbosity"])
            patiently(rules.load)
            catalog.load(using="owner")
            schedule.load(using="owner")
        except PlatformError as error:
            raise CommandError(error.message) from error
