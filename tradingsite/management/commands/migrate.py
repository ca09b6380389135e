"""Django's migrate, as the owner unless another database is named: the app's role has no DDL."""

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.core.management.commands import migrate

from core.errors import Retryable
from tradingsite.migration_locks import patiently


class Command(migrate.Command):
    """`manage.py migrate`"""

    def add_arguments(self, parser: CommandParser) -> None:
        """Django's own, with another default."""
        super().add_arguments(parser)
        parser.set_defaults(database="owner")

    def handle(self, *args: Any, **options: Any) -> None:
        """Django's own, on short locks: what was applied stays, and the next try goes on."""
        try:
            patiently(
                lambda: super(Command, self).handle(*args, **options), using=options["database"]
            )
        except Retryable as error:
            raise CommandError(error.message) from error
