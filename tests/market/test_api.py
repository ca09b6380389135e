"""What does a program see of the catalog?"""

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


def test_currencies_come_in_the_order_they_are_shown(client: Client) -> None:
    answer = client.get("/api/v1/currencies/").json()
    assert (answer["next"], answer["previous"]) == (None, None)
    assert [row["code"] for row in answer["results"]][:3] == ["USD", "JPY", "EUR"]
    assert answer["results"][1] == {
        "code": "JPY",
        "name": "Japanese yen",
        "kind": "fiat",
        "decimals": 0,
        "symbol": "¥",
        "flag": "jp",
        "on_board": True,
    }


def test_instruments_are_named_with_a_slash_and_carry_text_numbers(client: Client) -> None:
    rows = client.get("/api/v1/instruments/").json()["results"]
    euro = next(row for row in rows if row["symbol"] == "EUR/USD")
    assert (euro["base"], euro["quote"], euro["kind"]) == ("EUR", "USD", "fx")
    assert isinstance(euro["price_increment"], str)
    assert "E" not in euro["price_increment"]


@pytest.mark.parametrize("symbol", ["EUR-USD", "eur-usd", "EUR/USD", "eUr%2FuSd"])
def test_an_instrument_is_found_in_any_case_and_form(client: Client, symbol: str) -> None:
    assert client.get(f"/api/v1/instruments/{symbol}/").json()["symbol"] == "EUR/USD"


@pytest.mark.parametrize("symbol", ["USD-EUR", "EUR-XXX", "1" * 401, "a/b/c"])
def test_a_pair_that_is_not_listed_is_not_found(client: Client, symbol: str) -> None:
    response = client.get(f"/api/v1/instruments/{symbol}/")
    assert response.status_code == 404
    assert response.json()["error"]["code"] == "not_found"


def test_whoever_has_the_catalog_already_gets_304(client: Client) -> None:
    first = client.get("/api/v1/currencies/")
    again = client.get("/api/v1/currencies/", headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
