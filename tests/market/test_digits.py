"""Does a sentence give its figures as many digits as people read?"""

import pytest

from market.studies import digits


@pytest.mark.parametrize(
    ("figure", "read"),
    [(1.1133, "1.11330"), (156.9, "156.900"), (68444.3, "68444.3"), (112345.6, "112346")],
)
def test_prices_beside_one_another_have_their_zeros(figure: float, read: str) -> None:
    assert digits.price(figure) == read


@pytest.mark.parametrize("figure", [0.00000123456, 1234567.0, -0.000025])
def test_no_figure_has_an_exponent(figure: float) -> None:
    for written in (digits.plain, digits.price, digits.distance):
        assert "e" not in written(figure).lower()
        assert float(written(figure)) == pytest.approx(figure, rel=1e-3)


def test_a_distance_of_prices_is_not_finer_than_people_read() -> None:
    assert digits.distance(-0.000605206) == "-0.0006052"


def test_an_amount_has_no_zeros_that_say_nothing() -> None:
    assert digits.plain(104.0) == "104"
