"""The board page without scripts, and the pages about the site."""

import json
import re

import pytest
from django.test import Client

from core import clock, push
from market import board, catalog
from tests.tradingsite.prices import put_price

pytestmark = pytest.mark.django_db


def row(code: str, **fields: object) -> dict[str, object]:
    info = catalog.currency(code)
    known = {"code": code, "name": info.name, "kind": info.kind, "price": "0.895094"}
    rest = {"high": "0.8974", "low": "0.8922", "change_pct": "-0.384", "bid": None, "ask": None}
    state = {"as_of": clock.iso(clock.now()), "state": "live", "source": "kraken", "reason": ""}
    return {**known, **rest, **state, "simulated": False, "since": None, **fields}


@pytest.fixture
def usd_board():
    rows = [
        row("EUR"),
        row("HKD", state="reference", high=None, low=None),
        row("AUD", state="stale", reason="unconfirmed move"),
        row("BTC", price="68923.67", simulated=True),
    ]
    frame = {"type": "snapshot", "base": "USD", "epoch": "e", "seq": 1}
    text = json.dumps({**frame, "as_of": clock.iso(clock.now()), "rows": rows})
    client = push.redis_client()
    client.set(board.channel("USD"), text)
    yield
    client.delete(board.channel("USD"))


def test_the_board_is_readable_without_scripts(client: Client, usd_board):
    page = client.get("/").content.decode()
    assert '<span class="px-h">0.89</span><span class="px-p">50</span>' in page
    assert '<span class="chg down">−0.38\u2009%</span>' in page
    assert "unconfirmed move" in page
    assert "not quoted" in page
    assert "00:00 UTC" in page


def test_a_simulated_row_makes_the_page_say_so(client: Client, usd_board):
    assert "Simulated market." in client.get("/").content.decode()


def test_a_board_without_prices_still_lists_every_currency(client: Client):
    push.redis_client().delete(board.channel("SEK"))
    page = client.get("/?base=SEK").content.decode()
    assert page.count("<tr data-code=") == len(catalog.currencies()) - 1
    assert "no price" in page


def test_the_list_can_be_filtered_without_scripts(client: Client, usd_board):
    page = client.get("/?q=bitco").content.decode()
    assert page.count("<tr data-code=") == 1
    assert 'data-code="BTC"' in page


def test_the_base_asked_for_is_remembered(client: Client):
    assert 'data-base="EUR"' in client.get("/?base=eur").content.decode()
    assert 'data-base="EUR"' in client.get("/").content.decode()


@pytest.mark.parametrize("base", ["BTC", "XXX", "", "<script>"])
def test_a_base_we_do_not_list_falls_back(client: Client, base):
    answer = client.get("/", {"base": base})
    assert answer.status_code == 200
    assert 'data-base="USD"' in answer.content.decode()
    assert "base" not in answer.cookies


@pytest.mark.parametrize("path", ["/about/", "/terms/", "/privacy/", "/robots.txt"])
def test_pages_about_the_site_answer(client: Client, path):
    assert client.get(path).status_code == 200


@pytest.mark.parametrize(("asked", "named"), [("https://pw.example/range/", True), ("", False)])
def test_privacy_says_who_hears_of_passwords(client: Client, settings, asked: str, named: bool):
    settings.BREACHES_URL = asked
    text = client.get("/privacy/").content.decode()
    assert ("is asked of pw.example: it is told" in text, "SHA-1" in text) == (named, named)


def test_an_unknown_address_says_so_in_the_sites_own_look(client: Client):
    answer = client.get("/nowhere/")
    assert answer.status_code == 404
    assert "There is no page at this address" in answer.content.decode()


def test_only_reading_is_allowed(client: Client):
    assert client.post("/").status_code == 405


@pytest.mark.parametrize(
    ("path", "label"),
    [("/instruments/", "Rates"), ("/instruments/EUR-USD/", "Rates"), ("/terms/", "")],
)
def test_a_page_of_one_thing_lights_up_where_it_belongs(client: Client, path: str, label: str):
    page = client.get(path).content.decode()
    lit = re.findall(r'class="nav"[^>]*aria-current="true">([^<]+)<', page)
    assert lit == ([label] if label else [])


@pytest.fixture
def euro_price():
    put_price("EUR-USD", "1.25")
    yield
    put_price("EUR-USD", None)


PARTS = {
    "/rates/sources/?base=USD&code=EUR": "Sources of EUR now",
    "/rates/calculator/?side=to&from=USD&to=EUR&get=80.00": 'value="80.00"',
}


@pytest.mark.parametrize("path", PARTS)
def test_a_part_that_is_opened_directly_stands_on_its_page(client: Client, euro_price, path: str):
    shown = client.get(path, follow=True)
    assert shown.redirect_chain[0][0].startswith("/?")
    assert "<title>" in shown.content.decode()
    assert PARTS[path] in shown.content.decode()


@pytest.mark.parametrize("path", PARTS)
def test_a_pages_own_script_gets_the_part_alone(client: Client, euro_price, path: str):
    answer = client.get(path, headers={"HX-Request": "true"})
    assert "<title>" not in answer.content.decode()
    assert PARTS[path] in answer.content.decode()
    assert "HX-Request" in answer["Vary"]
