"""How do migrations change tables that are in use? They never make anybody wait for long.

A change that waits for a lock holds up everybody who comes after it. So it waits half a second,
less than any request does, steps back, and tries again.
"""

import random
import time
from collections.abc import Callable

from django.db import OperationalError, connections

from core.database import DEADLOCK, sqlstate
from core.errors import Retryable

LOCK_NOT_AVAILABLE = "55P03"
LOCK_WAIT_MS = 500  # requests give up after 2,000
PAUSE_S = 0.5
TRIES = 120  # one to two minutes


def patiently(work: Callable[[], object], *, using: str = "owner") -> None:
    """Do `work`, which may be begun any number of times, on short locks.

    Raises Retryable where somebody holds a lock for minutes.
    """
    for _ in range(TRIES):
        _wait_at_most(using, f"{LOCK_WAIT_MS}")
        try:
            work()
        except OperationalError as error:
            if sqlstate(error) not in (LOCK_NOT_AVAILABLE, DEADLOCK):
                raise
        else:
            return _wait_at_most(using, "DEFAULT")
        time.sleep(PAUSE_S * random.uniform(0.5, 1.5))  # noqa: S311
    raise Retryable("The tables are in use all the time; try again later.")


def _wait_at_most(using: str, ms: str) -> None:
    with connections[using].cursor() as cursor:
        cursor.execute(f"SET lock_timeout = {ms}")
