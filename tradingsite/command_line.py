"""How does a `manage.py` command run beside a running stack, or without one?"""

import os
import sys
from contextlib import nullcontext

import redis
from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import OperationalError

from tradingsite.datafolder import become_owner
from tradingsite.supervisor.alone import postgres_for_one_command
from tradingsite.supervisor.progress import SetupError

HOLDS_MANY_CONNECTIONS = ("stream",)
# These start PostgreSQL for themselves when nothing runs.
START_POSTGRES = ("migrate", "prepare_database", "check_books", "check_audit")
OWNERS = ("migrate", "prepare_database")  # the others never see the owner's password


def main(arguments: list[str]) -> int:
    """Run one command; a stack that is down is one line and exit code 1, not a traceback."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tradingsite.settings")
    command = arguments[1] if len(arguments) > 1 else ""
    if command not in HOLDS_MANY_CONNECTIONS:
        # One connection is enough, and without a pool a missing server is noticed at once.
        os.environ["DATABASE_POOL_MAX"] = "0"
    if command in OWNERS:
        become_owner()
    alone = postgres_for_one_command() if command in START_POSTGRES else nullcontext()
    try:
        with alone:
            execute_from_command_line(arguments)
    except OperationalError as error:
        if "connection" not in str(error):
            raise
        return refuse("PostgreSQL", "DATABASE_URL", error)
    except redis.exceptions.ConnectionError as error:
        return refuse("Redis", "REDIS_URL", error)
    except (SetupError, ImproperlyConfigured) as error:
        sys.stderr.write(f"Tradingsite: {error}\n")
        return 1
    return 0


def refuse(server: str, variable: str, error: Exception) -> int:
    """Say that a server does not answer, and what to do about it."""
    reason = str(error).strip().splitlines()[0]
    given = os.environ.get(variable)
    remedy = f"is {variable} right?" if given else "start Tradingsite with ./run first."
    sys.stderr.write(f"{server} does not answer; {remedy} ({reason})\n")
    return 1
