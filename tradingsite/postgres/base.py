"""How does a request get a connection that lives? Django looks for a backend in `base`.

After a restart of PostgreSQL every idle connection of a pool is dead, and each would fail the
request that takes it. The pool's own check costs a round trip per request and pauses longer and
longer between two dead ones; a look at the socket costs nothing and finds them all at once.
"""

import select
import time
from typing import Any

import psycopg
from django.db.backends.postgresql import base
from psycopg_pool import PoolTimeout

WAIT_S = 10.0


class DatabaseWrapper(base.DatabaseWrapper):
    """PostgreSQL by Django; a request waits for it 10 s at most and meets no dead connection."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """A connection whose other end is there. Raises psycopg.OperationalError.

        The pool gives up a connection soon and tries again when somebody asks, so we ask often.
        """
        give_up_at = time.monotonic() + WAIT_S
        while True:
            try:
                connection = super().get_new_connection(conn_params)
            except PoolTimeout:
                if time.monotonic() > give_up_at:
                    raise
                continue
            if not self.pool or not is_dead(connection):
                return connection
            connection.close()
            self.pool.putconn(connection)
            self.pool.drain()


def is_dead(connection: "psycopg.Connection[Any]") -> bool:
    """Whether an idle connection has something to read: PostgreSQL's farewell, or the end."""
    waiting = select.poll()
    waiting.register(connection.fileno(), select.POLLIN)
    return bool(waiting.poll(0))
