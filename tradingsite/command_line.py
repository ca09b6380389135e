"""How does a `manage.py` command run beside a running stack, or without one?"""

import os
import sys
from contextlib import AbstractContextManager, nullcontext

import redis
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import OperationalError, ProgrammingError

from core.database import sqlstate
from tradingsite.datafolder import DataFolder, become_owner
from tradingsite.supervisor import postgres
from tradingsite.supervisor.alone import postgres_for_one_command
from tradingsite.supervisor.processes import MARK
from tradingsite.supervisor.progress import SetupError

HELP = {"-h", "--help"}  # is told anywhere, whatever runs
HOLDS_MANY_CONNECTIONS = ("stream",)
# These start PostgreSQL for themselves when nothing runs.
START_POSTGRES = ("migrate", "prepare_database", "check_books", "check_audit", "backup")
RESTORE = "restore"  # it needs the database to itself
CHECKS = ("check_books", "check_audit")  # of what there is: they make no data folder
UNDEFINED_TABLE = "42P01"
# The others never see the owner's password.
OWNERS = ("migrate", "prepare_database", "backup", RESTORE)


def main(arguments: list[str]) -> int:
    """Run one command; a stack that is down is one line and exit code 1, not a traceback."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tradingsite.settings")
    command = "" if HELP & set(arguments) else "".join(arguments[1:2])
    if command not in HOLDS_MANY_CONNECTIONS:
        # One connection is enough, and without a pool a missing server is noticed at once.
        os.environ["DATABASE_POOL_MAX"] = "0"
    data = DataFolder.of_this_process()
    try:
        if command in OWNERS:
            become_owner()
        with surroundings(command):
            execute_from_command_line(arguments)
    except OperationalError as error:
        if "connection" not in str(error):
            raise
        return refuse("PostgreSQL", "DATABASE_URL", error)
    except redis.exceptions.ConnectionError as error:
        return refuse("Redis", "REDIS_URL", error)
    except ProgrammingError as error:
        if sqlstate(error) != UNDEFINED_TABLE:
            raise
        sys.stderr.write("Tradingsite: the database is empty: run manage.py migrate first.\n")
        return 1
    except (SetupError, ImproperlyConfigured) as error:
        sys.stderr.write(f"Tradingsite: {error}\n")
        return 1
    except OSError as error:
        if not str(error.filename).startswith(str(data.keys)):
            raise
        sys.stderr.write(f"Tradingsite cannot use {data.root}: {error}\n")
        return 1
    return 0


def surroundings(command: str) -> AbstractContextManager[None]:
    """PostgreSQL as the command needs it; raises SetupError where there is nothing to work on.

    Processes of a supervisor wait for PostgreSQL themselves, however long that takes.
    """
    data = DataFolder.of_this_process()
    is_embedded = not os.environ.get("DATABASE_URL")
    if is_embedded and command in CHECKS and not postgres.has_data(data):
        raise SetupError(f"there is nothing to check in {data.root}: start it with ./run first.")
    by_hand = command in HOLDS_MANY_CONNECTIONS and MARK not in os.environ
    if is_embedded and by_hand and not postgres.answers(data):
        raise SetupError("PostgreSQL does not run: start Tradingsite with ./run first.")
    if command not in (*START_POSTGRES, RESTORE):
        return nullcontext()
    settings.DATABASES  # noqa: B018 - a setting that cannot be read is told before anything starts
    return postgres_for_one_command(to_itself=command == RESTORE)


def refuse(server: str, variable: str, error: Exception) -> int:
    """Say that a server does not answer, and what to do about it."""
    reason = str(error).strip().splitlines()[0]
    given = os.environ.get(variable)
    remedy = f"is {variable} right?" if given else "start Tradingsite with ./run first."
    sys.stderr.write(f"{server} does not answer; {remedy} ({reason})\n")
    return 1
