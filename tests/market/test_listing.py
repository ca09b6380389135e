"""The list of coins by market value, and what is followed because of it."""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from core import clock
from core.errors import Code, Refused, Retryable
from core.push import redis_client
from market import catalog, following, listing
from market.feeds.kraken import Kraken
from market.models import Currency, Instrument, TopCoin
from tests import cast, recorded
from tests.accounts.people import enter_as_staff
from tests.far_side import FarSide, far_side
from tests.venue.server import VenueServer

pytestmark = pytest.mark.django_db


def line(code: str, rank: int, **more: Any) -> dict[str, Any]:
    said = {"symbol": code.lower(), "name": code.title(), "market_cap_rank": rank}
    return said | {"current_price": 12.5, "market_cap": 10**12 // rank} | more


def body(*lines: dict[str, Any]) -> bytes:
    return json.dumps(lines).encode()


@pytest.fixture
def source(settings: Settings) -> Iterator[FarSide]:
    settings.FETCH_ALLOWED = ["127.0.0.1/32"]
    catalog.forget()
    redis_client().delete(listing.QUIET)
    with far_side() as far:
        settings.COINS_URL = far.say("/coins", body(line("BTC", 1), line("LINK", 2)))
        yield far
    catalog.forget()


def followed() -> list[str]:
    catalog.forget()
    own = catalog.own_codes()
    return [info.code for info in catalog.currencies() if info.code not in own]


def test_the_recorded_list_is_read() -> None:
    text = recorded.path("market_listing/coingecko_coins_markets.json").read_bytes()
    (bitcoin,) = listing.read(text)
    assert (bitcoin.code, bitcoin.name, bitcoin.rank) == ("BTC", "Bitcoin", 1)
    assert bitcoin.price == Decimal("7015.11823787848")
    assert bitcoin.market_value == Decimal("120934444800.10")


@pytest.mark.parametrize(
    "text", [b"", b"{}", b"null", b"[]", b"[1, null, {}]", b"<html>", b'{"status": {}}']
)
def test_anything_else_is_not_a_list(text: bytes) -> None:
    with pytest.raises(Retryable):
        listing.read(text)


@pytest.mark.parametrize(
    "wrong",
    [
        {"current_price": float("nan")},
        {"current_price": 0},
        {"current_price": None},
        {"market_cap": -1},
        {"market_cap": float("inf")},
        {"market_cap_rank": None},
        {"market_cap_rank": 10**12},
        {"market_cap_rank": float("inf")},
        {"market_cap_rank": "1e999999999"},
        {"current_price": 1e-30},
        {"current_price": 1e300},
        {"name": {"a": 1}},
        {"symbol": ["link"]},
        {"symbol": 12},
        {"symbol": "a b"},
        {"symbol": "X" * 11},
        {"name": "\u202eevil"},
        {"name": ""},
    ],
)
def test_a_line_that_makes_no_sense_is_passed_by(wrong: dict[str, Any]) -> None:
    read = listing.read(body(line("BAD", 1) | wrong, line("LINK", 2)))
    assert [one.code for one in read] == ["LINK"]


def test_the_first_coins_are_followed_and_the_pinned_stay(source: FarSide) -> None:
    assert listing.update() == "2 listed, newly followed: LINK"
    assert followed() == ["LINK"]
    pair = catalog.instrument("LINK-USD")
    assert (pair.price_increment, pair.min_quantity) == (Decimal("0.001"), Decimal("0.1"))
    assert [(one.code, one.rank, one.instrument) for one in following.top()] == [
        ("BTC", 1, "BTC-USD"),
        ("LINK", 2, "LINK-USD"),
    ]


def test_the_list_is_fetched_once_a_day(source: FarSide) -> None:
    listing.update()
    assert listing.update() == "nothing to do"
    assert len(source.asked) == 1


def test_a_list_that_cannot_be_had_is_asked_for_an_hour_later(source: FarSide) -> None:
    source.say("/coins", status=429)
    assert listing.update() == "failed: The list of coins: HTTP 429"
    assert listing.update() == "nothing to do"
    assert (len(source.asked), TopCoin.objects.count()) == (1, 0)


def test_thirty_coins_are_followed_and_not_one_more() -> None:
    coins = listing.read(body(*(line(f"C{number}", number) for number in range(1, 60))))
    added = following.store(coins, at=clock.now())
    assert added == tuple(f"C{number}" for number in range(1, 21))
    assert Instrument.objects.exclude(kind="fx").count() == following.FOLLOWED_MAX
    assert following.store(coins, at=clock.now()) == ()


def test_a_coin_that_staff_takes_back_waits_for_room() -> None:
    lines = [line(f"C{number}", number) for number in range(1, 21)]
    following.store(listing.read(body(*lines)), at=clock.now())
    following.remove("C1")
    following.store(listing.read(body(*lines, line("C21", 21))), at=clock.now())
    with pytest.raises(Refused):
        following.restore("C1")
    assert "C1" not in followed()
    assert TopCoin.objects.get(code="C1").is_removed


def test_claims_on_another_coin_are_not_followed() -> None:
    coins = body(
        line("WBTC", 1, name="Wrapped Bitcoin"),
        line("STETH", 2, name="Lido Staked Ether"),
        line("USDE", 3, name="Ethena USDe", current_price=0.999),
        line("EUR", 4, name="A coin that calls itself euro"),
        line("LINK", 5),
    )
    assert following.store(listing.read(coins), at=clock.now()) == ("LINK",)
    assert Currency.objects.get(code="EUR").name == "Euro"


def test_a_coin_that_calls_itself_euro_has_no_link_to_the_euro() -> None:
    following.store(listing.read(body(line("EUR", 1), line("BTC", 2))), at=clock.now())
    assert [(one.code, one.instrument) for one in following.top()] == [
        ("EUR", None),
        ("BTC", "BTC-USD"),
    ]


def test_who_leaves_the_list_is_still_followed() -> None:
    following.store(listing.read(body(line("LINK", 1))), at=clock.now())
    following.store(listing.read(body(line("BTC", 1))), at=clock.now())
    assert followed() == ["LINK"]
    assert [one.code for one in following.top()] == ["BTC"]


def test_a_coin_that_staff_took_out_is_not_followed_again() -> None:
    coins = listing.read(body(line("LINK", 1)))
    following.store(coins, at=clock.now())
    following.remove("LINK")
    assert followed() == []
    assert following.store(coins, at=clock.now()) == ()
    following.restore("LINK")
    assert followed() == ["LINK"]


def test_a_pinned_coin_cannot_be_taken_out() -> None:
    following.store(listing.read(body(line("BTC", 1))), at=clock.now())
    with pytest.raises(Refused) as refusal:
        following.remove("BTC")
    assert refusal.value.code == Code.FORBIDDEN
    assert Instrument.objects.get(symbol="BTC-USD").is_active
    assert not TopCoin.objects.get(code="BTC").is_removed


def test_staff_take_coins_out_in_the_console(client: Client) -> None:
    following.store(listing.read(body(line("BTC", 1), line("LINK", 2))), at=clock.now())
    enter_as_staff(client, cast.dana())
    chosen = list(TopCoin.objects.values_list("pk", flat=True))
    page = client.post(
        reverse("admin:market_topcoin_changelist"),
        {"action": "remove", "_selected_action": chosen},
        follow=True,
    )
    assert "BTC is one of the catalog" in page.content.decode()
    assert list(TopCoin.objects.filter(is_removed=True).values_list("code", flat=True)) == ["LINK"]


def test_a_followed_coin_has_a_price_where_a_venue_trades_it(world: VenueServer) -> None:
    following.store(listing.read(body(line("LINK", 1), line("NOPE", 2))), at=clock.now())
    world.kraken.price("LINK-USD", bid="12.40", ask="12.42")
    symbols = [pair.symbol for pair in catalog.instruments()]
    ticks = {tick.symbol: tick for tick in Kraken().fetch(symbols).ticks}
    assert ticks["LINK-USD"].bid == "12.40"
    assert "NOPE-USD" not in ticks


def test_programs_and_people_see_the_list(client: Client, source: FarSide) -> None:
    listing.update()
    first, second = client.get("/api/v1/top-coins/").json()["results"]
    assert (first["rank"], first["code"], first["instrument"]) == (1, "BTC", "BTC/USD")
    assert (second["price"], second["market_value"]) == ("12.5", "500000000000")
    page = client.get("/coins/").content.decode()
    assert "1.00\u2009tn" in page
    assert 'href="/instruments/LINK-USD/"' in page


def test_the_first_coins_can_be_asked_for(client: Client, source: FarSide) -> None:
    listing.update()
    answer = client.get("/api/v1/top-coins/?limit=1").json()
    assert [one["code"] for one in answer["results"]] == ["BTC"]


@pytest.mark.parametrize("query", ["limit=0", "limit=501", "limit=x", "cursor=cD0x"])
def test_it_refuses_pages_the_list_has_not(client: Client, query: str) -> None:
    answer = client.get(f"/api/v1/top-coins/?{query}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "malformed")


def test_a_list_that_never_came_is_said_to_be_missing(client: Client) -> None:
    assert client.get("/api/v1/top-coins/").json()["results"] == []
    assert "No list yet" in client.get("/coins/").content.decode()
