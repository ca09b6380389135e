"""How does a row of closes become a small line?"""

from decimal import Decimal

from tradingsite import sparkline


def heights(*closes: str) -> list[str]:
    """How far below the top of its box each point of the line stands."""
    drawn = sparkline.draw([Decimal(close) for close in closes])
    assert drawn is not None
    return [point.partition(",")[2] for point in drawn.points.split()]


def test_the_highest_close_is_at_the_top_and_the_lowest_at_the_bottom() -> None:
    assert heights("1.10", "1.30", "1.20") == ["23.0", "3.0", "13.0"]


def test_a_line_that_never_moves_runs_through_the_middle() -> None:
    assert heights("1.10", "1.10") == ["13.0", "13.0"]


def test_one_close_is_no_line() -> None:
    assert sparkline.draw([Decimal(1)]) is None
