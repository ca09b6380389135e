"""Does a change of tables wait briefly, step back and try again, and leave no trace?"""

import threading

import pytest
from django.db import OperationalError, connections

from tradingsite.migration_locks import patiently

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])
CHANGE = "ALTER TABLE market_currency ALTER code SET NOT NULL"


def execute(statement: str, using: str = "owner") -> list[tuple[object, ...]]:
    with connections[using].cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall()) if cursor.description else []


def test_it_tries_again_until_the_lock_comes_free() -> None:
    tries, free = [], threading.Event()

    def change() -> None:
        tries.append(execute("SHOW lock_timeout"))
        if len(tries) == 3:
            free.set()
            holder.join()
        execute(CHANGE)

    def hold() -> None:
        with connections["default"].cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute("LOCK TABLE market_currency IN ROW EXCLUSIVE MODE")
            held.set()
            free.wait(20)
            cursor.execute("ROLLBACK")
        connections["default"].close()

    held = threading.Event()
    holder = threading.Thread(target=hold)
    holder.start()
    held.wait(5)
    patiently(change)
    assert tries == [[("500ms",)]] * 3
    assert execute("SHOW lock_timeout") == [("0",)]


def test_what_is_no_lock_is_not_tried_again() -> None:
    tries = []

    def fail() -> None:
        tries.append(1)
        raise OperationalError("the server is gone")

    with pytest.raises(OperationalError):
        patiently(fail)
    assert len(tries) == 1
    connections["owner"].close()  # it still waits as briefly
