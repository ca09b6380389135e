"""Is what the line beside the ticket says true of its closes?"""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from portfolio.rate_history import RateHistory


def history(*closes: str) -> RateHistory:
    days = (date(2026, 3, 2) + timedelta(days=place) for place in range(len(closes)))
    return RateHistory("EUR", "USD", "fiat", tuple(zip(days, map(Decimal, closes), strict=True)))


@pytest.mark.parametrize(
    ("last", "place"),
    [
        ("1.00", "near the low"),
        ("1.02", "near the low"),
        ("1.03", "inside the range"),
        ("1.17", "inside the range"),
        ("1.18", "near the high"),
        ("1.20", "near the high"),
    ],
)
def test_it_says_where_the_newest_close_stands(last: str, place: str) -> None:
    assert f"EUR is {place} of these days." in history("1.00", "1.20", last).sentence


def test_a_pair_that_never_moved_is_at_no_edge() -> None:
    assert "inside the range" in history("1.00", "1.00").sentence


def test_its_figures_are_those_of_the_closes() -> None:
    known = history("1.25", "1.00", "1.50", "1.30")
    assert (known.low, known.high, known.last) == (
        Decimal("1.00"),
        Decimal("1.50"),
        Decimal("1.30"),
    )
    assert known.change_pct == Decimal(4)
    assert (known.first_day, known.last_day) == (
        datetime(2026, 3, 2, tzinfo=UTC),
        datetime(2026, 3, 5, tzinfo=UTC),
    )


def test_the_line_goes_from_edge_to_edge_and_the_highest_close_is_on_top() -> None:
    assert history("1.00", "1.50", "1.00").polyline == "0.0,150.0 210.0,10.0 420.0,150.0"


def test_the_levels_begin_with_the_highest_close() -> None:
    assert [line.price for line in history("1.00", "1.30").grid] == [
        Decimal("1.30"),
        Decimal("1.20"),
        Decimal("1.10"),
        Decimal("1.00"),
    ]
