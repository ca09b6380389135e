"""`manage.py export_keys FILE`: the keys without which backups cannot be read."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from tradingsite.backup import keys


class Command(BaseCommand):
    """Writes every key of this installation into one file."""

    help = "Write all keys of this installation into a new file, to be kept apart from backups."

    def add_arguments(self, parser: CommandParser) -> None:
        """Where to."""
        parser.add_argument("file")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write, and warn."""
        try:
            names = keys.export(options["file"])
        except OSError as error:
            raise CommandError(f"{options['file']}: {error.strerror}") from error
        self.stdout.write(f"{len(names)} keys written: {', '.join(names)}.")
        self.stderr.write(
            "Whoever has this file can read every backup and every stored secret. Keep it offline,"
            " apart from the backups; without it they are worth nothing."
        )
