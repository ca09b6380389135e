"""Copies sealed rows of the audit trail and the journal to the lake (LAKE_URL)."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core.errors import Broken, Retryable
from portfolio import seal_export


class Command(BaseCommand):
    """`manage.py export_audit`"""

    help = __doc__ or ""

    def handle(self, *args: Any, **options: Any) -> None:
        """Copy what is new and say how much that was."""
        try:
            made = seal_export.export()
        except (Broken, Retryable) as error:
            raise CommandError(error.message) from error
        self.stdout.write(f"{made} file{'' if made == 1 else 's'} written.")
