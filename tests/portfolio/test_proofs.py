"""Is what nobody remembers proved again, soon and by one alone?"""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.core.cache import cache

from core import clock
from market import locks
from portfolio import proofs, seal_proofs, tasks

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    """Redis remembers no verdict, as after a start."""
    cache.clear()
    yield
    cache.clear()


def test_books_and_seals_of_which_no_verdict_is_known_are_proved() -> None:
    tasks.prove_forgotten()
    books, seals = proofs.latest(), seal_proofs.latest()
    assert books is not None
    assert books.broken == ()
    assert seals is not None


def test_a_verdict_that_is_known_stays() -> None:
    tasks.prove_forgotten()
    known = proofs.latest(), seal_proofs.latest()
    with clock.frozen(clock.now() + timedelta(minutes=5)):
        tasks.prove_forgotten()
    assert (proofs.latest(), seal_proofs.latest()) == known


def test_nobody_proves_beside_another() -> None:
    with locks.alone("portfolio:proving", forgotten_s=60):
        tasks.prove_forgotten()
    assert (proofs.latest(), seal_proofs.latest()) == (None, None)
