"""What does a request notice of a PostgreSQL that ended while nobody asked? Nothing."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from django.db import OperationalError, connections

from tradingsite.postgres import base
from tradingsite.settings.database import POOL_MAX

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])
THREADS = 4
SOCKET = ".s.PGSQL.5432"


def backends() -> set[int]:
    """Ask from four threads at once, and give the connections back: PostgreSQL's process ids."""
    together = threading.Barrier(THREADS)

    def ask(_: int) -> int:
        connection = connections["default"]
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            found: int = cursor.fetchone()[0]
            together.wait(timeout=20)
        connection.close()
        return found

    with ThreadPoolExecutor(THREADS) as threads:
        return set(threads.map(ask, range(THREADS)))


def end(pids: set[int]) -> None:
    """By a connection of no pool: one of theirs would end itself."""
    ending = "SELECT pg_terminate_backend(pid, 5000) FROM unnest(%s) pid"
    with psycopg.connect(**connections["default"].get_connection_params()) as other:
        assert all(gone for (gone,) in other.execute(ending, [list(pids)]))


def test_dead_connections_are_replaced_before_anybody_uses_them() -> None:
    before = backends()
    assert len(before) == THREADS
    end(before)
    assert not backends() & before


def test_living_connections_are_used_again() -> None:
    """Of 80 questions; connections drained by an earlier test may be replaced once."""
    assert len(set.union(*(backends() for _ in range(20)))) <= 2 * POOL_MAX


@pytest.fixture
def away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[base.DatabaseWrapper]:
    """The same database at an address where nobody listens yet, nor has anybody waited for it."""
    monkeypatch.setattr(base, "_in_vain_at", [-base.PAUSE_S])
    told = connections["default"].settings_dict | {"HOST": str(tmp_path)}
    wrapper = base.DatabaseWrapper(told, alias="away")
    yield wrapper
    wrapper.close()
    wrapper.close_pool()


def test_a_request_waits_for_a_database_that_comes_back(
    away: base.DatabaseWrapper, tmp_path: Path
) -> None:
    socket = Path(connections["default"].settings_dict["HOST"]) / SOCKET
    comes_back = threading.Timer(2.5, lambda: (tmp_path / SOCKET).symlink_to(socket))
    comes_back.start()
    with away.cursor() as cursor:
        cursor.execute("SELECT 1")
    comes_back.join()


def test_a_request_does_not_wait_for_ever(
    away: base.DatabaseWrapper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(base, "WAIT_S", 0.5)
    with pytest.raises(OperationalError):
        away.cursor()


def test_after_one_who_waited_in_vain_nobody_waits_long(
    away: base.DatabaseWrapper, monkeypatch: pytest.MonkeyPatch
) -> None:
    began = time.monotonic()
    monkeypatch.setattr(base, "_in_vain_at", [began])
    with pytest.raises(OperationalError):
        away.cursor()
    assert time.monotonic() - began < base.WAIT_S / 2


def test_an_answer_is_not_waited_for_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    before = backends()
    monkeypatch.setattr(base, "_in_vain_at", [0.0])
    monkeypatch.setattr(base.Connection, "answer_s", 0.2)
    with pytest.raises(OperationalError), connections["default"].cursor() as cursor:
        cursor.execute("SELECT pg_sleep(2)")
    connections["default"].close()
    assert not backends() & before  # nor is it by others, on connections that idled
