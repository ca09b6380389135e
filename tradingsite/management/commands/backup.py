"""`manage.py backup`: the whole database, encrypted, to BACKUP_URL."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.errors import PlatformError
from tradingsite.backup import making
from tradingsite.backup.archive import Manifest


class Command(BaseCommand):
    """Makes a backup, or reads one from end to end."""

    help = "Write the whole database, encrypted and checksummed, to BACKUP_URL."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which of the three."""
        choice = parser.add_mutually_exclusive_group()
        choice.add_argument("--if-due", action="store_true", help="at most once an hour")
        choice.add_argument("--verify", metavar="ID", help="read that backup from end to end")
        choice.add_argument("--list", action="store_true", help="name what is there")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, and say what was done."""
        try:
            if options["list"]:
                self.stdout.write("\n".join(making.listing()) or "There is no backup yet.")
            elif options["verify"]:
                self.say("is whole", making.verify(options["verify"]))
            elif made := making.make_if_due() if options["if_due"] else making.make():
                self.say("was written", made)
        except PlatformError as error:
            raise CommandError(str(error)) from error

    def say(self, what: str, found: Manifest) -> None:
        """One line about a backup."""
        parts = len(found.checksums)
        self.stdout.write(f"{found.id} {what}: {found.size:,} bytes in {parts} parts.")
