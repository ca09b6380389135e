"""What does a lock conflict cost?"""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import DatabaseError, OperationalError, connection, connections, transaction

from core import database
from core.errors import Retryable
from market.models import Currency


def conflict() -> None:
    """What PostgreSQL says when two transactions cannot be put in order."""
    with connection.cursor() as cursor:
        cursor.execute("DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '40001'; END $$")


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_two_units_in_each_others_way_both_get_through() -> None:
    both_hold_one = threading.Barrier(2)
    tries: list[str] = []

    def rename(first: str, second: str) -> None:
        def unit() -> None:
            tries.append(first)
            with transaction.atomic():
                Currency.objects.filter(code=first).update(symbol="1")
                if len(tries) <= 2:
                    both_hold_one.wait(timeout=5)
                Currency.objects.filter(code=second).update(symbol="2")

        try:
            database.retried(unit)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as crew:
        list(crew.map(rename, ("EUR", "JPY"), ("JPY", "EUR")))
    assert len(tries) == 3


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_it_gives_up_after_five_tries() -> None:
    tries: list[int] = []

    def unit() -> None:
        tries.append(1)
        conflict()

    with pytest.raises(Retryable):
        database.retried(unit)
    assert len(tries) == database.TRIES


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_other_errors_are_not_repeated() -> None:
    tries: list[int] = []

    def unit() -> None:
        tries.append(1)
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1/0")

    with pytest.raises(DatabaseError):
        database.retried(unit)
    assert len(tries) == 1


@pytest.mark.django_db
def test_inside_a_transaction_only_the_outermost_unit_can_be_repeated() -> None:
    tries: list[int] = []

    def unit() -> None:
        tries.append(1)
        with database.undone_on_error():
            conflict()

    with pytest.raises(OperationalError):
        database.retried(unit)
    assert len(tries) == 1


@pytest.mark.django_db
def test_one_statement_inside_a_transaction_can_fail_alone() -> None:
    with pytest.raises(DatabaseError) as caught, database.undone_on_error():
        conflict()
    assert database.sqlstate(caught.value) == "40001"
    assert Currency.objects.exists()  # the transaction goes on
