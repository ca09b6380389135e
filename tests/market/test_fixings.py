"""Are the central bank's fixings read, kept and turned into any pair?"""

import csv
import gzip
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import connection

from core.money import half_even_to
from market import fixings
from market.fixings import Book, Fixing
from market.inbox import RawFixing
from market.numbers import Reason, Unfit
from tests import recorded
from tests.market.said import NOON, book

CHECK = {  # of 2026-10-30, units per 1 USD
    "JPY": "157.250269",
    "CHF": "0.822950",
    "CAD": "1.396885",
    "AUD": "1.423559",
    "HKD": "7.845686",
    "CNY": "6.652882",
    "GBP": "0.746330",
    "EUR": "0.895095",
}


def recorded_days(count: int) -> list[Fixing]:
    file = recorded.path("forex/ecb_reference_rates_daily.csv.gz")
    with gzip.open(file, "rt") as text:
        rows = list(csv.DictReader(text))[-count:]
    return [
        Fixing(
            date.fromisoformat(row.pop("date")),
            {code: Decimal(rate) for code, rate in row.items() if rate},
        )
        for row in rows
    ]


def test_pairs_come_out_as_published() -> None:
    known = Book(recorded_days(5))
    for code, rate in CHECK.items():
        price = known.price("USD", code)
        assert price is not None
        assert price.date == date(2026, 10, 30)
        assert half_even_to(price.mid, 6) == Decimal(rate)


def test_a_pair_knows_the_fixing_before() -> None:
    price = book().price("EUR", "USD")
    assert price == fixings.FixedPrice(date(2026, 11, 17), Decimal("1.12"), Decimal("1.10"))


def test_a_pair_needs_both_rates_of_one_day() -> None:
    known = book()
    known.add(Fixing(date(2026, 11, 18), {"USD": Decimal("1.13")}))
    newest, older = known.price("EUR", "USD"), known.price("USD", "SEK")
    assert newest is not None
    assert older is not None
    assert (newest.date.day, older.date.day) == (18, 17)
    assert known.price("USD", "XXX") is None


def test_a_price_can_be_asked_for_an_earlier_day() -> None:
    price = book().price("EUR", "USD", on=date(2026, 11, 16))
    assert price == fixings.FixedPrice(date(2026, 11, 16), Decimal("1.10"), None)


@pytest.mark.parametrize(("day", "utc"), [("2026-07-01", 12), ("2026-11-17", 13)])
def test_the_moment_of_a_fixing_follows_the_clocks_of_frankfurt(day: str, utc: int) -> None:
    assert fixings.moment(date.fromisoformat(day)).hour == utc


def test_it_reads_what_is_good_and_says_what_is_not() -> None:
    rates = {"USD": "1.1", "JPY": "-5", "SEK": "NaN", "GBP": "<b>"}
    fixing, refused = fixings.read(RawFixing("2026-11-18", rates), at=NOON)
    assert fixing.rates == {"USD": Decimal("1.1")}
    assert dict(refused) == {"JPY": Reason.NEGATIVE, "SEK": Reason.NAN, "GBP": Reason.TEXT}


@pytest.mark.parametrize(("day", "reason"), [("2026-11-19", Reason.FUTURE), ("soon", Reason.TEXT)])
def test_it_refuses_a_fixing_without_a_proper_date(day: str, reason: Reason) -> None:
    with pytest.raises(Unfit) as caught:
        fixings.read(RawFixing(day, {"USD": "1.1"}), at=NOON)
    assert caught.value.reason == reason


@pytest.mark.django_db
def test_the_bundled_history_is_loaded_once() -> None:
    with connection.cursor() as cursor:
        assert fixings.load_history(cursor) > 200_000
        assert fixings.load_history(cursor) == 0
        days = fixings.latest(cursor, days=3)
        cursor.execute("SELECT min(date), count(*) > 200000 FROM market_fixing")
        assert cursor.fetchone() == (date(1999, 1, 4), True)
    assert len(days) == 3
    assert [day.date for day in days] == sorted(day.date for day in days)


@pytest.mark.django_db
def test_a_day_told_again_replaces_what_was_known() -> None:
    day = datetime(2026, 11, 18, tzinfo=UTC).date()
    with connection.cursor() as cursor:
        for rate in ("1.1", "1.2"):
            fixings.store(cursor, [Fixing(day, {"USD": Decimal(rate)})])
        (stored,) = fixings.latest(cursor)
    assert stored == Fixing(day, {"USD": Decimal("1.2")})


@pytest.mark.django_db
def test_a_day_that_came_twice_in_one_write_is_stored_once() -> None:
    day = date(2031, 3, 3)
    told = [Fixing(day, {"USD": Decimal(rate)}) for rate in ("1.1", "1.2")]
    with connection.cursor() as cursor:
        fixings.store(cursor, told)
        assert fixings.latest(cursor) == told[1:]


@pytest.mark.django_db
def test_the_stored_history_equals_the_recorded_one() -> None:
    with connection.cursor() as cursor:
        fixings.load_history(cursor)
        days = {day.date: day.rates for day in fixings.latest(cursor, days=400)}
    for recorded_day in recorded_days(100):
        stored = days.get(recorded_day.date)
        if stored is None:
            pytest.skip("the bundled history is of another release than the recorded one")
        assert {code: stored[code] for code in recorded_day.rates} == recorded_day.rates
