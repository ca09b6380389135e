"""When is the foreign exchange market awake, in summer and in winter?"""

from datetime import UTC, datetime, timedelta

import pytest

from market.sessions import closes_in, is_weekend, opens_in, session


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-11-18T06:59:59", "night"),
        ("2026-11-18T07:00:00", "day"),
        ("2026-11-18T20:59:59", "day"),
        ("2026-11-18T21:00:00", "night"),
        ("2026-11-20T21:30:00", "night"),  # Friday in winter: New York closes at 22:00 UTC
        ("2026-11-20T22:00:00", "weekend"),
        ("2026-11-22T21:59:59", "weekend"),
        ("2026-11-22T22:00:00", "night"),
        ("2026-07-17T20:59:59", "day"),  # Friday in summer: at 21:00 UTC
        ("2026-07-17T21:00:00", "weekend"),
        ("2026-07-19T20:59:59", "weekend"),
        ("2026-07-19T21:00:00", "night"),
        ("2026-07-18T12:00:00", "weekend"),
        ("2026-03-06T21:59:59", "night"),  # the weekend in which New York's clocks go forward
        ("2026-03-06T22:00:00", "weekend"),
        ("2026-03-08T21:00:00", "night"),
        ("2026-10-30T21:00:00", "weekend"),  # and back
        ("2026-11-01T21:59:59", "weekend"),
        ("2026-11-01T22:00:00", "night"),
    ],
)
def test_a_session_follows_utc_by_day_and_new_york_at_the_weekend(
    moment: str, expected: str
) -> None:
    assert session(at(moment)) == expected


def test_the_market_says_when_it_closes() -> None:
    assert closes_in(at("2026-10-30T14:32:00")) == timedelta(hours=6, minutes=28)
    assert closes_in(at("2026-11-18T22:00:00")) == timedelta(days=2)
    assert closes_in(at("2026-11-21T12:00:00")) is None


def test_the_market_says_when_it_opens() -> None:
    assert opens_in(at("2026-11-21T22:00:00")) == timedelta(days=1)
    assert opens_in(at("2026-11-18T12:00:00")) is None


def test_a_weekend_is_48_hours_but_for_the_change_of_clocks() -> None:
    def hours(start: str) -> int:
        first = at(start)
        return sum(is_weekend(first + timedelta(hours=n)) for n in range(24 * 7))

    assert hours("2026-11-16T00:00:00") == 48
    assert hours("2026-03-02T00:00:00") == 47
    assert hours("2026-10-26T00:00:00") == 49
