"""Is nothing lost, doubled or left by halves when a writer is killed in the middle of its work?"""

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import IO

import pytest
from django.db import connection, connections, transaction

from core import clock
from core.objects import Folder
from core.push import redis_client
from market import inbox, lake, recovery
from market.publisher import Publisher
from tests.market import lakeside
from tests.market.said import NOON, after, batch, tick
from tests.tidy.tree import PROJECT
from tests.tradingsite.stack import wait_until

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])

BEGIN = """
import sys, threading
import django
django.setup()
from django.db import connection
connection.settings_dict["NAME"] = sys.argv[1]

def pause(said):
    print(said, flush=True)
    sys.stdin.readline()
"""
WRITER_OF_PRICES = """
from datetime import datetime
from core import clock
from market.publisher import Publisher
publisher = Publisher(feeds=["kraken"])
with clock.frozen(datetime.fromisoformat(sys.argv[2])):
    publisher.lead(threading.Event())
    pause("leads")
    publisher.beat(clock.now())
"""
WRITER_OF_THE_LAKE = """
from pathlib import Path
from core.objects import Folder
from market import lake

class Halting(Folder):
    def put(self, key, body):
        super().put(key, body)
        pause(key)

with lake.alone():
    lake.write(Halting(Path(sys.argv[2])), since=lake.FROM_THE_BEGINNING)
"""
WAITING = """
SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'market_inbox_position'::regclass
"""


@pytest.fixture(autouse=True)
def empty_redis() -> Iterator[None]:
    client = redis_client()
    for key in client.scan_iter("market:*"):
        client.delete(key)
    yield
    for key in client.scan_iter("market:*"):
        client.delete(key)


class Victim:
    """A process that pauses where its script says so, until it is killed."""

    def __init__(self, script: str, argument: str) -> None:
        name = str(connection.settings_dict["NAME"])
        command = [sys.executable, "-c", BEGIN + script, name, argument]
        self.process = subprocess.Popen(
            command, cwd=PROJECT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def paused(self) -> str:
        """What it says at its next pause."""
        return _open(self.process.stdout).readline().strip()

    def go_on(self) -> None:
        said = _open(self.process.stdin)
        said.write("\n")
        said.flush()

    def kill(self) -> None:
        """`kill -9`, and wait until it is gone."""
        self.process.kill()
        self.process.communicate()


def _open(pipe: IO[str] | None) -> IO[str]:
    assert pipe is not None
    return pipe


@contextmanager
def victim(script: str, argument: str) -> Iterator[Victim]:
    started = Victim(script, argument)
    try:
        yield started
    finally:
        started.kill()


@contextmanager
def nobody_notes_the_place_read_to() -> Iterator[Callable[[], bool]]:
    """Holds a write up at its last step; asks whether one waits there."""
    owner = connections["owner"]
    with transaction.atomic(using="owner"), owner.cursor() as cursor:
        cursor.execute("LOCK TABLE market_inbox_position IN EXCLUSIVE MODE")

        def waits() -> bool:
            cursor.execute(WAITING)
            return bool(cursor.fetchone()[0])

        yield waits


def count(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        return int(cursor.fetchone()[0])


def test_a_writer_of_prices_killed_in_its_transaction_leaves_nothing_and_loses_nothing() -> None:
    lakeside.store_fixings({date(2026, 11, 17): "1.05"})  # else thirty years of them are loaded
    with victim(WRITER_OF_PRICES, NOON.isoformat()) as writer:
        assert writer.paused() == "leads"
        inbox.append(batch(tick("BTC-USD", "60000")))
        with nobody_notes_the_place_read_to() as waits:
            writer.go_on()
            wait_until(waits, timeout_s=5)
            writer.kill()
    assert [count(f"market_{name}") for name in ("tick", "price", "inbox_position")] == [0, 0, 0]
    publisher = Publisher(feeds=["kraken"])
    with clock.frozen(after(1)):
        assert publisher.lead(threading.Event())  # once the dead one's connection is gone
        publisher.beat(after(1), last=True)
    publisher.writer.close()
    assert [count(f"market_{name}") for name in ("tick", "inbox_position")] == [1, 1]


def test_a_writer_of_the_lake_killed_between_a_file_and_its_list_is_made_good(
    tmp_path: Path,
) -> None:
    lakeside.fill(hours=12)
    known, place = lakeside.closed_rows(), Folder(tmp_path)
    with victim(WRITER_OF_THE_LAKE, str(tmp_path)) as writer:
        assert writer.paused().startswith("catalog/")
        writer.go_on()
        last = writer.paused()
        writer.kill()
    assert [one.key for one in recovery.verify(place).findings] == [last]
    with lake.alone():
        assert lake.write(place, since=lake.FROM_THE_BEGINNING) == 7
    assert recovery.verify(place).findings == ()
    lakeside.empty()
    recovery.rebuild(place)
    assert lakeside.texts(lakeside.closed_rows()) == lakeside.texts(known)
