"""Takes a person's second factors away, when they have lost them and proved who they are."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import second_factor, staff
from core.errors import Refused

SHOWN_MIN = 10


class Command(BaseCommand):
    """`manage.py reset_second_factor LOGIN --shown "answered a letter to …"`"""

    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        """Whose."""
        parser.add_argument("login", help="username or e-mail address")
        parser.add_argument(
            "--shown",
            required=True,
            help="by what the person has shown who they are; kept in the audit trail",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Take them away and end every session."""
        try:
            user = staff.find(options["login"])
        except Refused as refusal:
            raise CommandError(refusal.message) from refusal
        shown = options["shown"].strip()
        if len(shown) < SHOWN_MIN:
            raise CommandError("Say in a few words by what the person has shown who they are.")
        removed = second_factor.reset(user, shown=shown)
        self.stdout.write(
            f"{user.username}: {removed} removed, signed out everywhere. "
            "The password is unchanged; change it too if somebody else may know it."
        )
