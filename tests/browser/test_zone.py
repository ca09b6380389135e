"""Times stand in the person's own zone, named once, also while they tick."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.people import Person
from tests.browser.test_board import Visit, streaming

pytestmark = pytest.mark.browser


def test_the_board_ticks_in_the_persons_zone(visit: Visit, person: Person) -> None:
    page = visit("/settings/preferences/", storage_state=person.state)
    page.get_by_label("Time zone").select_option("Asia/Tokyo")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("[data-toasts]")).to_contain_text("Saved.")
    page.goto("/")
    clock = streaming(page).locator("[data-clock]")
    expect(clock).to_have_text(re.compile(r"^\w{3} \d+ \w{3} \d{4}, \d\d:\d\d:\d\d\sTokyo$"))
    written = clock.inner_text()
    expect(clock).not_to_have_text(written)
    assert clock.inner_text()[:-14] == written[:-14]
    page.goto("/settings/preferences/")
    page.get_by_label("Time zone").select_option("UTC")
    page.get_by_role("button", name="Save").click()
