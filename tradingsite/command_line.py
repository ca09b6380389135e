"""How does a `manage.py` command run beside a running stack, or without one?"""

import os
import sys

import redis
from django.core.management import execute_from_command_line
from django.db import OperationalError

HOLDS_MANY_CONNECTIONS = ("stream",)


def main(arguments: list[str]) -> int:
    """Run one command; a stack that is down is one line and exit code 1, not a traceback."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tradingsite.settings")
    if arguments[1:2] not in ([name] for name in HOLDS_MANY_CONNECTIONS):
        # One connection is enough, and without a pool a missing server is noticed at once.
        os.environ["DATABASE_POOL_MAX"] = "0"
    try:
        execute_from_command_line(arguments)
    except OperationalError as error:
        if "connection" not in str(error):
            raise
        return refuse("PostgreSQL", error)
    except redis.exceptions.ConnectionError as error:
        return refuse("Redis", error)
    return 0


def refuse(server: str, error: Exception) -> int:
    """Say that a server does not answer."""
    reason = str(error).strip().splitlines()[0]
    sys.stderr.write(f"{server} does not answer; start Tradingsite with ./run first. ({reason})\n")
    return 1
