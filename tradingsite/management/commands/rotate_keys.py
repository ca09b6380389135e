"""`manage.py rotate_keys`: new encryption keys while the site runs."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.errors import PlatformError
from core.secrets import ring
from tradingsite import key_rotation


class Command(BaseCommand):
    """Makes a new key and seals every stored secret with it."""

    help = "Change the keys that seal stored secrets, while the site runs."

    def add_arguments(self, parser: CommandParser) -> None:
        """One choice of what else to do."""
        choice = parser.add_mutually_exclusive_group()
        choice.add_argument("--resume", action="store_true", help="make no new key")
        choice.add_argument(
            "--forget-old", action="store_true", help="make none, and drop the old ones"
        )
        choice.add_argument(
            "--print-wrapped",
            action="store_true",
            help="only print a new key wrapped by AWS KMS, to stand first in ENCRYPTION_KEYS",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Rotate, and say what was done."""
        try:
            if options["print_wrapped"]:
                self.stdout.write(ring.wrapped())
            else:
                self.rotate(options)
        except PlatformError as error:
            raise CommandError(str(error)) from error

    def rotate(self, options: dict[str, Any]) -> None:
        """Bring secrets under the newest key."""
        work = key_rotation.rotate
        if options["resume"]:
            work = key_rotation.resume
        elif options["forget_old"]:
            work = key_rotation.forget
        done = work()
        self.stdout.write(f"{done.rows} secrets are now sealed with key {done.key_id}.")
        old = ", ".join(done.old)
        if old and options["forget_old"]:
            self.stdout.write(f"Forgotten: {old}. Older backups need the keys exported with them.")
        elif old:
            self.stdout.write(f"Still able to open: {old} (--forget-old drops them).")
