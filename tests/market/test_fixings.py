"""Fixings as they are stored."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection

from market import fixings
from market.fixings import Fixing


@pytest.mark.django_db
def test_a_day_that_came_twice_is_stored_once() -> None:
    day = date(2031, 3, 3)
    with connection.cursor() as cursor:
        fixings.store(
            cursor, [Fixing(day, {"USD": Decimal("1.1")}), Fixing(day, {"USD": Decimal("1.2")})]
        )
        cursor.execute("SELECT rate FROM market_fixing WHERE date = %s", [day])
        assert cursor.fetchall() == [(Decimal("1.2"),)]
