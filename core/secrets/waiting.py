"""Who may still be about to store a secret under a key that is to be forgotten?"""

import time

from django.db import connection

from core.errors import Retryable

PATIENCE_S = 30.0
LOOK_EVERY_S = 0.1
# A transaction that has only read so far has no number yet: its beginning tells, not its number.
OLDER = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    " AND usename = current_user AND pid <> pg_backend_pid() AND xact_start < %s"
)


def for_older_transactions() -> None:
    """Wait until every transaction of the site that runs now has ended.

    Raises Retryable where one lasts longer than 30 seconds.
    """
    until = time.monotonic() + PATIENCE_S
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (now,) = cursor.fetchone() or (None,)
        while time.monotonic() < until:
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(OLDER, [now])
            if cursor.fetchone() == (0,):
                return
            time.sleep(LOOK_EVERY_S)
    raise Retryable("A transaction of the site has been running for long; try again.")
