"""How does a request get a connection that lives? Django looks for a backend in `base`.

After a restart of PostgreSQL every idle connection of a pool is dead, and each would fail the
request that takes it. The pool's own check costs a round trip per request and pauses longer and
longer between two dead ones; a look at the socket costs nothing and finds them all at once.

A PostgreSQL that is stopped but not dead ends no statement, so we bound how long we wait for it.
After one has waited in vain the others are told soon, as for Redis (`core/push/redis_timeouts.py`).
"""

import select
import time
from typing import Any

import psycopg
from django.conf import settings
from django.db.backends.postgresql import base
from psycopg.pq import TransactionStatus
from psycopg_pool import ConnectionPool, PoolTimeout

WAIT_S = 10.0
PAUSE_S = 3.0
_in_vain_at = [-PAUSE_S]  # when somebody last waited in vain


class Connection(psycopg.Connection[Any]):
    """A connection that is given up where no answer comes, which may be the fate of the wish."""

    answer_s: float | None = (settings.DATABASE_ANSWER_TIMEOUT_MS or 0) / 1000 or None

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        """What PostgreSQL answers. Raises psycopg.OperationalError; then the connection is over."""
        try:
            return super().wait(gen, interval, self.answer_s if timeout is None else timeout)
        except psycopg.OperationalError:
            if self.pgconn.transaction_status == TransactionStatus.ACTIVE:  # and stays so
                _in_vain_at[0] = time.monotonic()
                self.close()
                if isinstance(self._pool, ConnectionPool):  # on its idle ones others would wait
                    self._pool.drain()
            raise


class DatabaseWrapper(base.DatabaseWrapper):
    """PostgreSQL by Django; a request waits for it 10 s at most and meets no dead connection."""

    def __init__(self, settings_dict: dict[str, Any], alias: str = "default") -> None:
        super().__init__(settings_dict, alias)
        if isinstance(pool := settings_dict["OPTIONS"].get("pool"), dict):
            pool["connection_class"] = Connection

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """A connection whose other end is there. Raises psycopg.OperationalError.

        The pool gives up a connection soon and tries again when somebody asks, so we ask often.
        """
        began = time.monotonic()
        give_up_at = began + (WAIT_S if began - _in_vain_at[0] > PAUSE_S else 0)
        while True:
            try:
                connection = super().get_new_connection(conn_params)
            except PoolTimeout:
                if time.monotonic() > give_up_at:
                    _in_vain_at[0] = time.monotonic()
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
