"""How are prices stored? By one process, on one connection that also holds the leadership."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from datetime import UTC, date, datetime, timedelta

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

from core.errors import Retryable
from market import candle_store, fixings, quotes, rejections, rollup, sources, ticks
from market.pricing import Pending
from market.quotes import ReferencePrice
from market.sources import Source

LEADERSHIP = 7_263_552  # advisory lock: whoever holds it is the one writer of prices
CONNECT_TIMEOUT_S = 2
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class Deposed(Retryable):
    """Another process has become the writer of prices; this one has to stop."""


class Writer:
    """The connection of the one writer of prices; it belongs to the thread that made it.

    A connection of its own, beside the pool: the lock lives as long as it does, so that losing
    the connection is losing the leadership, and nothing is written without it.
    """

    def __init__(self) -> None:
        self.connection = _own_connection()
        self.leads = False
        self.days: set[date] = set()
        self.rolled_until = LONG_AGO

    def lead(self) -> bool:
        """Try to become the one writer of prices. Raises Django's database errors."""
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [LEADERSHIP])
            self.leads = bool(cursor.fetchone()[0])
        return self.leads

    @contextmanager
    def transaction(self) -> Iterator[CursorWrapper]:
        """A cursor in a transaction, under the lock.

        Raises Deposed when another process took the lock while the database was away, and
        Django's database errors.
        """
        if not self.leads and not self.lead():
            raise Deposed("another process writes prices")
        with (
            self.connection.wrap_database_errors,
            self.connection.connection.transaction(),
            self.connection.cursor() as cursor,
        ):
            yield cursor

    def write(self, pending: Pending, told: Iterable[Source], *, at: datetime) -> None:
        """Store everything, or nothing. Raises what `transaction` raises."""
        days = {tick.received_at.date() for tick in pending.ticks}
        days |= {row.at.date() for row in pending.prices}
        with self.transaction() as cursor:
            for day in days - self.days:
                ticks.ensure_days(cursor, day)
            _write(cursor, pending)
            self._roll_up(cursor, at)
            sources.write(cursor, told, at=at)
        self.days = {day for day in self.days | days if at.date() - day < timedelta(days=2)}

    def _roll_up(self, cursor: CursorWrapper, at: datetime) -> None:
        """Once a minute: what has just been closed is in its hour before anybody can ask."""
        minute = at.replace(second=0, microsecond=0)
        if minute > self.rolled_until:
            rollup.advance(cursor, at=minute)
            self.rolled_until = minute

    def close(self) -> None:
        """Let go of the connection, and with it of the leadership; the next use connects anew."""
        self.leads = False
        self.rolled_until = LONG_AGO  # what was not committed is rolled up again
        self.connection.close()


def _write(cursor: CursorWrapper, pending: Pending) -> None:
    if pending.ticks:
        ticks.write(cursor, pending.ticks)
    if pending.prices:
        ticks.write_prices(cursor, pending.prices)
    if pending.fixings:
        fixings.store(cursor, pending.fixings)
    candle_store.write(cursor, pending.candles)
    rejections.write(cursor, pending.tallies)
    _write_latest(cursor, pending.latest)
    for instrument_id, at in pending.first_real.items():
        cursor.execute(
            "INSERT INTO market_latest (instrument_id, first_real_at) VALUES (%s, %s)"
            " ON CONFLICT (instrument_id) DO UPDATE SET first_real_at ="
            " coalesce(market_latest.first_real_at, excluded.first_real_at)",
            [instrument_id, at],
        )
    if pending.position:
        cursor.execute(
            "INSERT INTO market_inbox_position (entry) VALUES (%s)"
            " ON CONFLICT (one) DO UPDATE SET entry = excluded.entry",
            [pending.position],
        )


def _write_latest(cursor: CursorWrapper, latest: dict[int, ReferencePrice]) -> None:
    if latest:
        cursor.execute(
            "INSERT INTO market_latest (instrument_id, price)"
            " SELECT * FROM unnest(%s::bigint[], %s::jsonb[])"
            " ON CONFLICT (instrument_id) DO UPDATE SET price = excluded.price",
            [list(latest), [quotes.encode(price) for price in latest.values()]],
        )


def _own_connection() -> BaseDatabaseWrapper:
    """A connection like the app's, without the pool, whose waits would stop the beat."""
    default = connections["default"]
    settings = deepcopy(default.settings_dict)
    settings["OPTIONS"] = {
        name: value for name, value in settings["OPTIONS"].items() if name != "pool"
    } | {"connect_timeout": CONNECT_TIMEOUT_S}
    return type(default)(settings, alias="stream")
