"""Copies sealed rows of the audit trail and the journal to the lake (LAKE_URL)."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.errors import Broken, Retryable
from portfolio import seal_export


class Command(BaseCommand):
    """`manage.py export_audit`"""

    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        """`--anew` after a restore: the copies know seals that are gone for good reason."""
        parser.add_argument("--anew", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        """Copy what is new and say how much that was."""
        try:
            made = seal_export.export(anew=options["anew"])
        except (Broken, Retryable) as error:
            raise CommandError(error.message) from error
        self.stdout.write(f"{made} file{'' if made == 1 else 's'} written.")
