"""Is an amount exact, of one currency, and never a float?"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from core import money
from core.errors import Code, Refused
from core.money import Money

CENT = Decimal("0.01")


@pytest.mark.parametrize("amount", [1.5, 1, True, "1.00", None])
def test_money_is_a_decimal_and_nothing_else(amount: Any) -> None:
    with pytest.raises(TypeError):
        Money(amount, "USD")


@pytest.mark.parametrize("text", ["NaN", "sNaN", "-NaN", "Infinity", "-Infinity"])
def test_money_is_a_finite_number(text: str) -> None:
    with pytest.raises(ValueError, match="finite"):
        Money(Decimal(text), "USD")


def test_money_of_one_currency_adds_up_exactly() -> None:
    grain = Money(Decimal("0.000000000000000001"), "BTC")
    assert Money(Decimal("0.1"), "USD") + Money(Decimal("0.2"), "USD") == Money(
        Decimal("0.3"), "USD"
    )
    assert (grain + grain - grain) == grain


def test_the_widest_amounts_add_up_without_loss() -> None:
    wide = Money(Decimal("99999999999999999999.999999999999999998"), "USD")
    grain = Money(Decimal("0.000000000000000001"), "USD")
    assert str((wide + grain).amount) == "99999999999999999999.999999999999999999"
    assert (wide + grain) - grain == wide


@pytest.mark.parametrize("work", [Money.__add__, Money.__sub__])
def test_money_of_two_currencies_does_not_add_up(work: Callable[[Money, Money], Money]) -> None:
    with pytest.raises(ValueError, match="USD and EUR"):
        work(Money(CENT, "USD"), Money(CENT, "EUR"))


@pytest.mark.parametrize("other", [CENT, 0.01, 1])
def test_money_does_not_add_to_a_bare_number(other: Any) -> None:
    with pytest.raises((TypeError, AttributeError)):
        Money(CENT, "USD") + other


def test_money_does_not_change() -> None:
    with pytest.raises(AttributeError):
        Money(CENT, "USD").amount = Decimal(2)  # type: ignore[misc]


def test_equal_amounts_of_two_currencies_are_not_equal() -> None:
    assert Money(CENT, "USD") != Money(CENT, "EUR")


@pytest.mark.parametrize("given", [1, 1.5, True, None, Decimal(1), ["1"], b"1"])
def test_what_is_no_text_is_no_amount(given: object) -> None:
    with pytest.raises(Refused) as caught:
        money.parse(given)
    assert caught.value.code is Code.AMOUNT_NOT_TEXT


@pytest.mark.parametrize(
    "text",
    [
        *("", "0", "0.00", "-1", "+1", "1e5", "1,000", "1 000", ".5", "1.", " 1", "1\n", "1\0"),
        *("NaN", "Infinity", "0x10", "1_000", "١٠", "１", "1" * 21, "0." + "1" * 19),
    ],
)
def test_a_text_that_is_no_plain_amount_is_refused(text: str) -> None:
    with pytest.raises(Refused) as caught:
        money.parse(text)
    assert caught.value.code is Code.AMOUNT_INVALID


@pytest.mark.parametrize("text", ["1" * 21, "0." + "1" * 19, "-1", "1e5", "1,000"])
def test_the_refusal_of_an_amount_names_what_is_wrong_with_it(text: str) -> None:
    with pytest.raises(Refused) as caught:
        money.parse(text)
    for named in ("20 digits", "18 more", "sign", "comma", "exponent"):
        assert named in caught.value.message


def test_the_widest_amount_is_read_exactly() -> None:
    text = "9" * 20 + "." + "9" * 18
    assert money.wire(money.parse(text)) == text


@pytest.mark.parametrize(
    ("work", "amount", "rounded"),
    [
        (money.floor_to, "1.019", "1.01"),
        (money.floor_to, "-1.011", "-1.02"),
        (money.ceil_to, "1.011", "1.02"),
        (money.ceil_to, "-1.019", "-1.01"),
        (money.half_even_to, "1.005", "1.00"),
        (money.half_even_to, "1.015", "1.02"),
    ],
)
def test_it_rounds_one_way_only(
    work: Callable[[Decimal, int], Decimal], amount: str, rounded: str
) -> None:
    assert str(work(Decimal(amount), 2)) == rounded


def test_the_widest_amounts_are_rounded_without_loss() -> None:
    wide = Decimal("99999999999999999999.999999999999999999")
    assert money.floor_to(wide, 18) == wide
    assert money.floor_to(wide, 0) == Decimal("99999999999999999999")


@pytest.mark.parametrize("work", [money.floor_to, money.ceil_to, money.half_even_to])
def test_a_float_is_not_rounded(work: Callable[[Any, int], Decimal]) -> None:
    with pytest.raises(TypeError):
        work(1.005, 2)


@pytest.mark.parametrize(
    ("amount", "decimals"),
    [("1.500", 1), ("1", 0), ("100", 0), ("1E+3", 0), ("0.000000000000000001", 18), ("0.00", 0)],
)
def test_it_counts_the_decimals_that_are_used(amount: str, decimals: int) -> None:
    assert money.decimals_of(Decimal(amount)) == decimals


@pytest.mark.parametrize(
    ("number", "text"),
    [("1E+3", "1000"), ("1E-8", "0.00000001"), ("2423.00", "2423.00")],
)
def test_the_wire_has_no_exponent(number: str, text: str) -> None:
    assert money.wire(Decimal(number)) == text


def test_prices_keep_ten_significant_digits() -> None:
    assert money.significant(Decimal("1.2345678905")) == Decimal("1.234567890")
    assert money.significant(Decimal("123456.789055")) == Decimal("123456.7891")
