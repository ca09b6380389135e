"""How far from mid is a person's rate?"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from market import catalog
from market.quotes import State, through_hub
from portfolio import defaults, spreads
from tests.portfolio.prices import reference

pytestmark = pytest.mark.django_db

TUESDAY_NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
TUESDAY_NIGHT = datetime(2026, 3, 3, 22, tzinfo=UTC)
SATURDAY = datetime(2026, 3, 7, 12, tzinfo=UTC)
DAYS = (TUESDAY_NOON, TUESDAY_NIGHT, SATURDAY)


def spread(start: str, end: str, at: datetime, *, state: State = "live", days: int = 0) -> Decimal:
    """The spread of a pair whose legs other than USD are in that state and so old."""
    legs = [
        reference(f"{code}-USD", "1.5", state=state, at=at, age=timedelta(days=days))
        for code in (start, end)
        if code != "USD"
    ]
    return spreads.of(through_hub(start, end, legs), at=at).bps


@pytest.mark.parametrize(
    ("start", "end", "day", "night", "weekend"),
    [
        ("EUR", "USD", "1.5", "2.5", "25"),
        ("USD", "JPY", "1.5", "2.5", "25"),
        ("EUR", "JPY", "2.5", "4", "35"),
        ("USD", "SEK", "2.5", "4", "35"),
        ("NZD", "SGD", "2.5", "4", "35"),
        ("USD", "HKD", "15", "15", "15"),
        ("EUR", "INR", "40", "40", "40"),
        ("HKD", "TRY", "40", "40", "40"),
        ("BTC", "USD", "5", "5", "5"),
        ("USD", "DOGE", "12", "12", "12"),
        ("USDT", "USD", "3", "3", "3"),
        ("BTC", "EUR", "6.5", "7.5", "30"),
        ("ETH", "SOL", "17", "17", "17"),
        ("BTC", "SEK", "7.5", "9", "40"),
    ],
)
def test_the_table_stands_as_decided(
    start: str, end: str, day: str, night: str, weekend: str
) -> None:
    assert [spread(start, end, at) for at in DAYS] == [
        Decimal(one) for one in (day, night, weekend)
    ]


def test_a_fixing_costs_at_least_the_reference_spread() -> None:
    assert spread("USD", "SEK", TUESDAY_NOON, state="reference", days=1) == Decimal(15)
    assert spread("USD", "SEK", SATURDAY, state="reference", days=1) == Decimal(35)
    assert spread("USD", "INR", TUESDAY_NOON, state="reference", days=1) == Decimal(40)


def test_a_fixing_older_than_two_days_costs_20_more() -> None:
    assert spread("USD", "HKD", TUESDAY_NOON, state="reference", days=2) == Decimal(15)
    assert spread("USD", "HKD", TUESDAY_NOON, state="reference", days=3) == Decimal(35)
    assert spread("EUR", "INR", TUESDAY_NOON, state="reference", days=4) == Decimal(60)


def test_the_sum_of_legs_is_capped(monkeypatch: pytest.MonkeyPatch) -> None:
    assert spread("DOGE", "INR", SATURDAY, state="reference", days=4) == Decimal(72)
    monkeypatch.setattr(defaults, "REST_COIN_BPS", Decimal(50))
    assert spread("DOGE", "INR", SATURDAY, state="reference", days=4) == Decimal(100)


def test_every_currency_of_the_catalog_has_a_spread() -> None:
    for info in catalog.currencies():
        if info.code != "USD":
            assert 0 < spread(info.code, "USD", SATURDAY) <= defaults.CAP_BPS
