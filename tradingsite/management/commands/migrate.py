"""Django's migrate, as the owner unless another database is named: the app's role has no DDL."""

from django.core.management.base import CommandParser
from django.core.management.commands import migrate


class Command(migrate.Command):
    """`manage.py migrate`"""

    def add_arguments(self, parser: CommandParser) -> None:
        """Django's own, with another default."""
        super().add_arguments(parser)
        parser.set_defaults(database="owner")
