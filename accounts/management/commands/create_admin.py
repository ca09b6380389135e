"""Makes the first member of staff, who then sets up a second factor and opens /admin/."""

import os
from getpass import getpass
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import staff
from core.errors import Refused

PASSWORD_VARIABLE = "DJANGO_SUPERUSER_PASSWORD"  # the name Django's own command reads  # noqa: S105


class Command(BaseCommand):
    """`manage.py create_admin`"""

    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        """Everything may be given; what is missing is asked for."""
        parser.add_argument("--username")
        parser.add_argument("--email")
        parser.add_argument(
            "--noinput",
            "--no-input",
            action="store_true",
            help=f"ask nothing; the password stands in {PASSWORD_VARIABLE}",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the account and say what comes next."""
        ask = not options["noinput"]
        try:
            user = staff.create(
                username=_given(options["username"], "USERNAME", ask=ask),
                email=_given(options["email"], "EMAIL", ask=ask),
                password=_password(ask=ask),
            )
        except Refused as refusal:
            raise CommandError(refusal.message) from refusal
        except (EOFError, KeyboardInterrupt) as unanswered:
            raise CommandError("Nobody answered; no account was made.") from unanswered
        except UnicodeEncodeError as mangled:
            raise CommandError("That is no UTF-8; no account was made.") from mangled
        self.stdout.write(
            f"{user.username} may administer this site. Sign in at\n"
            f"  {settings.PUBLIC_URL}/accounts/login/?next=/admin/\n"
            "and set up a second factor there; the console opens after that."
        )


def _given(value: str | None, name: str, *, ask: bool) -> str:
    value = value or os.environ.get(f"DJANGO_SUPERUSER_{name}", "")
    if not value and ask:
        value = input(f"{name.capitalize().replace('Email', 'E-mail')}: ")
    if not value:
        raise CommandError(f"--{name.lower()} is missing.")
    return value.strip()


def _password(*, ask: bool) -> str:
    password = os.environ.get(PASSWORD_VARIABLE, "")
    if password or not ask:
        return password
    password = getpass("Password: ")
    if password != getpass("Password (again): "):
        raise CommandError("The passwords differ.")
    return password
