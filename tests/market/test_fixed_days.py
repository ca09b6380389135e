"""Are the fixings there as daily candles, exactly, once, and corrected when the ECB does?"""

from datetime import date, datetime
from decimal import Decimal

import pytest
from django.db import connection

from core import clock
from market import candles, fixed_days, fixings
from market.candles import Candle
from market.fixings import Fixing

pytestmark = pytest.mark.django_db
FRIDAY = date(2026, 10, 30)
SATURDAY = datetime.fromisoformat("2026-10-31T10:00Z")


def fix(day: date = FRIDAY, **rates: str) -> None:
    with connection.cursor() as cursor:
        fixings.store(cursor, [Fixing(day, {code: Decimal(rate) for code, rate in rates.items()})])


def day(symbol: str) -> Candle:
    with clock.frozen(SATURDAY):
        (found,) = candles.series(symbol, "1d").candles
    return found


def test_a_pair_is_the_quotient_of_two_rates_of_one_day() -> None:
    fix(USD="1.1172", CHF="0.9194", JPY="175.68", GBP="0.8338")
    fixed_days.store()
    assert day("EUR-USD").close == Decimal("1.1172")
    assert day("USD-CHF").close == Decimal("0.822950232724668815")
    assert day("GBP-JPY").close == Decimal("210.698009114895658431")
    assert day("USD-JPY").open_time == datetime.fromisoformat("2026-10-30T00:00Z")


def test_storing_again_writes_nothing() -> None:
    fix(USD="1.1172", CHF="0.9194")
    assert fixed_days.store() == 3  # EUR-USD, USD-CHF, EUR-CHF
    assert fixed_days.store() == 0


def test_a_corrected_fixing_corrects_the_day() -> None:
    fix(USD="1.1172")
    fixed_days.store()
    fix(USD="1.1182")
    assert fixed_days.store() == 1
    assert day("EUR-USD").high == Decimal("1.1182")


def test_the_whole_history_is_there_from_1999_on() -> None:
    with connection.cursor() as cursor:
        fixings.load_history(cursor)
    assert fixed_days.store() > 150_000
    with clock.frozen(datetime.fromisoformat("1999-01-09T00:00Z")):
        found = candles.series("EUR-USD", "1d")
    assert [f"{one.open_time:%a %d}" for one in found.candles] == [
        *("Mon 04", "Tue 05", "Wed 06", "Thu 07", "Fri 08"),
    ]
    assert found.gaps == ()
