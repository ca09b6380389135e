"""What do board and ticket say on a Saturday, when currencies rest and coins do not?"""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from core import clock
from core.push import redis_client
from market.quotes import LATEST
from tests.browser.in_process import Window
from tests.browser.test_people import open_account
from tests.browser.test_steps import examine
from tests.market.frames import Publisher, row
from tests.portfolio import prices

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, databases=["default", "owner"]),
]
SINCE_FRIDAY = timedelta(hours=14)
SAID = "market closed"


@pytest.fixture
def saturday() -> Iterator[Publisher]:
    """The last prices of Friday for currencies, and one of this moment for a coin."""
    friday = clock.iso(clock.now() - SINCE_FRIDAY)
    prices.publish_all(state="closed", age=SINCE_FRIDAY, reason=SAID)
    publisher = Publisher("USD")
    rests = {"state": "closed", "as_of": friday, "reason": SAID, "simulated": False}
    board = [row(code, **rests) for code in ("EUR", "JPY", "CHF")]
    board.append(row("BTC", name="Bitcoin", kind="crypto", as_of=clock.iso(clock.now())))
    publisher.boards["USD"] = {line["code"]: line for line in board}
    publisher.snapshot("USD")
    yield publisher
    publisher.end()
    redis_client().delete(LATEST)


def test_the_board_marks_what_rests(window: Window, saturday: Publisher) -> None:
    page = window.go("/?base=USD")
    for code in ("EUR", "JPY", "CHF"):
        expect(page.locator(f"tr[data-code={code}]")).to_contain_text("closed")
    expect(page.locator("tr[data-code=BTC]")).not_to_contain_text("closed")
    examine(page)


def test_the_ticket_says_that_the_market_is_closed(window: Window, saturday: Publisher) -> None:
    open_account(window)
    page = window.go("/convert/?from=USD&to=CHF")
    page.fill("#amount_from", "100")
    expect(page.locator("#quote")).to_contain_text("The market of USD/CHF is closed now.")
    expect(page.locator("[data-accept] button")).to_have_count(0)
    examine(page)
    window.complaints[:] = [said for said in window.complaints if "status of 409" not in said]
