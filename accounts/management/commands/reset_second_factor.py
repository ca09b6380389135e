"""Takes a person's second factors away, when they have lost them and proved who they are."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import second_factor, staff
from core.errors import Refused


class Command(BaseCommand):
    """`manage.py reset_second_factor LOGIN`"""

    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        """Whose."""
        parser.add_argument("login", help="username or e-mail address")

    def handle(self, *args: Any, **options: Any) -> None:
        """Take them away and end every session."""
        try:
            user = staff.find(options["login"])
        except Refused as refusal:
            raise CommandError(refusal.message) from refusal
        removed = second_factor.reset(user)
        self.stdout.write(
            f"{user.username}: {removed} removed, signed out everywhere. "
            "The password is unchanged; change it too if somebody else may know it."
        )
