"""Are preferences kept, checked and private?"""

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser

from accounts import favourites, preferences
from accounts.models import User
from core.errors import Refused
from market.models import Currency

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def listed() -> None:
    for code, kind in (("CHF", "fiat"), ("BTC", "crypto")):
        Currency.objects.get_or_create(
            code=code, defaults={"name": code, "kind": kind, "decimals": 2, "symbol": code}
        )


@pytest.fixture
def alice() -> User:
    return User.objects.create_user("alice", "alice@example.org", "a long pass phrase")


def test_somebody_not_signed_in_has_the_defaults() -> None:
    assert preferences.of(AnonymousUser()) == preferences.DEFAULTS
    assert favourites.codes(AnonymousUser()) == frozenset()


def test_a_change_leaves_the_rest(alice: User) -> None:
    preferences.change(alice, base_currency="chf", quote_seconds=30)
    preferences.change(alice, theme="dark")
    kept = preferences.of(alice)
    assert (kept.base_currency, kept.quote_seconds, kept.theme) == ("CHF", 30, "dark")


@pytest.mark.parametrize(
    "bad",
    [
        {"base_currency": "XXX"},
        {"base_currency": "BTC"},
        {"time_zone": "Mars/Olympus"},
        {"time_zone": "../../etc/passwd"},
        {"theme": "pink"},
        {"quote_seconds": 16},
        {"quote_seconds": True},
        {"chart": {"x": "y" * 9000}},
        {"chart": ["a list"]},
        {"chart": {"interval": "7m"}},
        {"chart": {"kind": "pie"}},
        {"chart": {"log": "yes"}},
        {"chart": {"compare": "<script>"}},
        {"chart": {"studies": {"rsi": 14}}},
        {"chart": {"studies": [{"name": "rsi", "parameters": {"length": 14}}]}},
        {"chart": {"studies": [{"name": "rsi", "parameters": {"length": "NaN"}}]}},
        {"chart": {"studies": [{"name": "rsi", "parameters": {}, "style": "red"}]}},
        {"chart": {"studies": [{"name": "rsi", "parameters": {}}] * 13}},
    ],
)
def test_it_refuses_what_nobody_can_prefer(alice: User, bad: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        preferences.change(alice, **({"theme": "dark"} | bad))
    assert preferences.of(alice) == preferences.DEFAULTS


def test_chart_settings_are_kept_as_given(alice: User) -> None:
    studies = [{"name": "macd", "parameters": {"fast": "12", "slow": "26", "signal": "9"}}]
    given = {"interval": "4h", "kind": "line", "log": True, "compare": "GBP-USD"}
    preferences.change(alice, chart={**given, "studies": studies})
    assert preferences.of(alice).chart == {**given, "studies": studies}


def test_a_favourite_is_marked_once_and_unmarked(alice: User) -> None:
    favourites.add(alice, "chf")
    favourites.add(alice, "CHF")
    assert favourites.codes(alice) == {"CHF"}
    favourites.remove(alice, "CHF")
    assert favourites.codes(alice) == frozenset()


def test_it_refuses_a_favourite_nobody_lists(alice: User) -> None:
    with pytest.raises(Refused):
        favourites.add(alice, "NOPE")
    assert favourites.codes(alice) == frozenset()


def test_two_people_have_their_own(alice: User) -> None:
    bob = User.objects.create_user("bob", "bob@example.org", "a long pass phrase")
    favourites.add(alice, "CHF")
    preferences.change(alice, theme="dark")
    assert favourites.codes(bob) == frozenset()
    assert preferences.of(bob) == preferences.DEFAULTS
