"""What does the page of an instrument say of a price that is not fresh, and of one that rests?"""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from core import clock
from core.push import redis_client
from market.quotes import DISPUTED, LATEST
from tests.browser.in_process import Window
from tests.browser.test_steps import examine
from tests.market.frames import Publisher, row
from tests.portfolio import prices

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, databases=["default", "owner"]),
]
STALE, CLOSED = "No fresh price.", "The market is closed."
PAGE = "/instruments/USD-CHF/"


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    """Prices of the franc that a test changes."""
    made = Publisher("USD")
    yield made
    made.end()
    redis_client().delete(LATEST)


def say(
    publisher: Publisher,
    state: str,
    *,
    age: timedelta = timedelta(0),
    reason: str = "no new price",
) -> None:
    """The franc's price is so old now, and in that state."""
    prices.publish_all(state=state, age=age)
    terms = {"state": state, "as_of": clock.iso(clock.now() - age), "reason": reason}
    publisher.boards["USD"]["CHF"] = row("CHF", price="0.82295", **terms)
    publisher.snapshot("USD")


@pytest.mark.parametrize(("state", "said"), [("stale", STALE), ("closed", CLOSED)])
def test_it_says_why_the_price_stands_still(
    window: Window, publisher: Publisher, state: str, said: str
) -> None:
    say(publisher, state, age=timedelta(minutes=4))
    page = window.go(PAGE)
    expect(page.locator("[data-when]:visible")).to_have_count(1)
    expect(page.locator("[data-when]:visible")).to_contain_text(said)
    expect(page.locator(".inst-head")).to_have_class(re.compile("is-stale"))
    expect(page.locator(f".inst-head .bdg-{state}")).to_be_visible()
    expect(page.locator("[data-calculator]")).to_contain_text("no rate is given")
    examine(page)


def test_an_open_page_tells_when_the_price_grows_old_and_fresh(
    window: Window, publisher: Publisher
) -> None:
    say(publisher, "live")
    page = window.go(PAGE)
    expect(page.locator(".inst-head .bdg-live")).to_be_visible()
    expect(page.locator("[data-when]:visible")).to_have_count(0)
    say(publisher, "stale", age=timedelta(seconds=12))
    expect(page.locator("[data-when=stale]")).to_be_visible()
    expect(page.locator("[data-calculator]")).to_contain_text("no rate is given")
    say(publisher, "live")
    expect(page.locator("[data-when]:visible")).to_have_count(0)
    expect(page.locator("[data-calculator]")).not_to_contain_text("no rate is given")


def test_a_dispute_of_the_sources_is_told_in_words(window: Window, publisher: Publisher) -> None:
    say(publisher, "live", reason="")
    page = window.go("/?base=USD")
    badge = page.locator("tr[data-code=CHF] .col-source .bdg")
    expect(badge).to_have_attribute("title", "Live, from kraken")
    say(publisher, "stale", reason=DISPUTED)
    told = "No fresh price: not tradable: the sources disagree"
    expect(badge).to_have_attribute("title", told)
    page.reload()
    expect(badge).to_have_attribute("title", told)
