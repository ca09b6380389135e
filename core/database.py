"""What does a lock conflict cost? A retry of the whole unit, never an error in a person's face."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from django.db import DatabaseError, connection, transaction

from core.errors import Retryable

SERIALIZATION_FAILURE, DEADLOCK = "40001", "40P01"
TRIES = 5
PAUSE_S = 0.01  # doubles with each try, with jitter

Answer = TypeVar("Answer")


def retried(work: Callable[[], Answer]) -> Answer:
    """Do `work`, a whole idempotent unit; again, up to 5 times, where PostgreSQL asks for it.

    Inside a transaction it runs once: only the outermost unit can be repeated. Raises Retryable
    when the conflict does not end.
    """
    if connection.in_atomic_block:
        return work()
    for attempt in range(TRIES):
        try:
            return work()
        except DatabaseError as error:
            if sqlstate(error) not in (SERIALIZATION_FAILURE, DEADLOCK):
                raise
        time.sleep(PAUSE_S * 2**attempt * random.uniform(0.5, 1.5))  # noqa: S311
    raise Retryable("Too many changes at once; try again in a moment.", wait_s=1)


@contextmanager
def undone_on_error() -> Iterator[None]:
    """Guard one statement: inside a transaction by a savepoint, else it is its own transaction."""
    if not connection.in_atomic_block:
        yield
        return
    with transaction.atomic():
        yield


def sqlstate(error: BaseException) -> str:
    """PostgreSQL's five-letter code of an error that Django passed on; "" where there is none."""
    return getattr(error.__cause__, "sqlstate", None) or ""


def constraint(error: BaseException) -> str:
    """The name of the constraint an error is about; "" where there is none."""
    diagnosis = getattr(error.__cause__, "diag", None)
    return getattr(diagnosis, "constraint_name", None) or ""


def detail(error: BaseException) -> str:
    """The DETAIL line of an error; "" where there is none."""
    diagnosis = getattr(error.__cause__, "diag", None)
    return getattr(diagnosis, "message_detail", None) or ""
