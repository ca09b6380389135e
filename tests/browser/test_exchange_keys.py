"""A person gives a key of an exchange, and the page says by itself what became of it."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings
from django.db import connections
from django.test import Client
from playwright.sync_api import expect

from portfolio.models import ExchangeKey
from tests.accounts.people import enter_as_staff, make
from tests.browser.in_process import Window
from tests.browser.test_steps import examine
from tests.portfolio.exchange_keys import KEYS, SECRETS, after_test, grant
from tests.venue.server import VenueServer

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, databases=["default", "owner"]),
]


def as_the_worker(row: ExchangeKey) -> None:
    """The test of a key in a thread of its own: Playwright holds an event loop in this one."""

    def run() -> None:
        after_test(row)
        connections.close_all()

    with ThreadPoolExecutor(1) as worker:
        worker.submit(run).result()


@pytest.fixture
def proven(window: Window) -> Window:
    """Alice's window, where she has just shown her second factor."""
    client = Client()
    enter_as_staff(client, make("alice"))
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    window.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": window.site}])
    return window


def test_a_key_is_kept_and_the_page_tells_when_it_works(proven: Window, world: VenueServer) -> None:
    grant(world.binance, "read", "trade")
    page = proven.go("/settings/exchange-keys/")
    examine(page)
    page.get_by_label("Exchange", exact=True).select_option("binance")
    page.get_by_label("Money").select_option("real")
    page.get_by_label("Label").fill("Mine")
    page.get_by_label("API key").fill(KEYS["binance"])
    page.get_by_label("API secret").fill(SECRETS["binance"])
    page.get_by_role("button", name="Keep and test the key").click()
    line = page.locator("tbody")
    expect(line).to_contain_text("testing")
    as_the_worker(ExchangeKey.objects.get())
    expect(line).to_contain_text("works", timeout=5_000)
    expect(line).to_contain_text("may read, trade spot")
    examine(page)
    assert SECRETS["binance"] not in page.content()
