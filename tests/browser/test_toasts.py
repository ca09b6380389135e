"""Does a toast say what happened, go when told to, and hide nothing on a telephone?"""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.people import Person
from tests.browser.test_board import Visit

pytestmark = pytest.mark.browser
PHONE = 375


def edge(place: Locator, which: str) -> float:
    """Where on the screen it begins (`top`) or ends (`bottom`)."""
    return float(place.evaluate(f"(found) => found.getBoundingClientRect().{which}"))


def hides_nothing(page: Page) -> bool:
    return edge(page.locator(".toast"), "bottom") <= edge(page.locator("h1"), "top")


def test_on_a_telephone_what_cannot_be_fetched_is_said_above_the_page(visit: Visit) -> None:
    page = visit("/about/", width=PHONE)
    broken = {"body": "throw 0;", "content_type": "text/javascript"}
    page.route("**/keylist*.js", lambda route: route.fulfill(**broken))
    page.reload()  # an open page may fetch past a route for a moment
    page.keyboard.press("?")
    expect(page.locator(".toast-error")).to_contain_text("Are you online?")
    assert hides_nothing(page)
    page.get_by_role("button", name="Dismiss").click()
    expect(page.locator(".toast")).to_have_count(0)


@pytest.mark.parametrize("scripts", [True, False])
def test_on_a_telephone_an_answer_stands_above_the_page(
    visit: Visit, person: Person, scripts: bool
) -> None:
    page = visit(
        "/settings/preferences/",
        storage_state=person.state,
        width=PHONE,
        java_script_enabled=scripts,
    )
    page.get_by_role("button", name="Save").first.click()
    expect(page.locator(".toast")).to_be_visible()
    assert hides_nothing(page)
