"""`manage.py restore [ID]`: a backup becomes the database again."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.errors import PlatformError
from tradingsite.backup import restoring


class Command(BaseCommand):
    """Restores the newest backup, or the one named."""

    help = "Bring a backup back; what was there before is kept under another name."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which backup, and whether something may be put aside for it."""
        parser.add_argument("id", nargs="?", default="", help="the newest one where none is named")
        parser.add_argument("--replace", action="store_true", help="also where data is there now")

    def handle(self, *args: Any, **options: Any) -> None:
        """Restore, prove the books, say what was done."""
        try:
            done = restoring.restore(options["id"], replace=options["replace"])
        except PlatformError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{done.backup_id} is the database now; its books hold.")
        self.stdout.write(f"{done.entries:,} journal entries.")
        for one in done.left_out:
            self.stdout.write(f"Somebody else's, and not made again here: {one}.")
        self.stdout.write(
            "Seals made since then are gone. With the site running again, say so once:"
            " manage.py check_audit --restored, then manage.py export_audit --anew."
        )
        if done.kept_as:
            self.stdout.write(f"What was there before is the database {done.kept_as}.")
