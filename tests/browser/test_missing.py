"""What does an open board show of a figure that is no longer known? Never the one from before."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from core import clock
from core.push import redis_client
from market.quotes import LATEST
from tests.browser.in_process import Window
from tests.browser.test_steps import examine
from tests.market.frames import Publisher, row
from tests.portfolio import prices

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, databases=["default", "owner"]),
]
FRANC = "tr[data-code=CHF]"


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    """Prices of the franc that a test changes."""
    prices.publish_all()
    made = Publisher("USD")
    yield made
    made.end()
    redis_client().delete(LATEST)


def say(publisher: Publisher, **changes: str | None) -> None:
    """The whole board again, in which the franc says this."""
    publisher.boards["USD"]["CHF"] = row("CHF", as_of=clock.iso(clock.now()), **changes)
    publisher.snapshot("USD")


def test_what_the_new_price_does_not_have_is_taken_off(
    window: Window, publisher: Publisher
) -> None:
    say(publisher, change_pct="1.20")
    page = window.go("/?base=USD")
    today, drawing = page.locator(f"{FRANC} .col-today"), page.locator(f"{FRANC} [data-range]")
    expect(today).to_contain_text("+1.20")
    expect(drawing.locator(".p-ink")).to_have_count(1)
    say(publisher, change_pct=None, high=None, low=None)
    expect(today).to_have_text("—no earlier price to compare with")
    expect(drawing.locator(".p-ink")).to_have_count(0)
    expect(drawing).to_have_attribute("aria-label", "No range today")
    examine(page)
    say(publisher, change_pct="-0.40")
    expect(today).to_contain_text("0.40")
    expect(drawing.locator(".p-ink")).to_have_count(1)


def test_it_says_since_when_it_counts(window: Window, publisher: Publisher) -> None:
    say(publisher)
    page = window.go("/?base=USD")
    today = page.locator(f"{FRANC} .col-today")
    expect(page.locator("[data-stream]")).to_have_text("Streaming")
    expect(today).not_to_have_attribute("title", "Counted since 09:30:05")
    say(publisher, since="2026-11-20T09:30:05.000Z")
    expect(today).to_have_attribute("title", "Counted since 09:30:05")
