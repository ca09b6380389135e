"""What happened, on a chart: marks where it is notable, words wherever it is."""

import json
from datetime import timedelta

import pytest
from playwright.sync_api import Route, expect

from tests.browser import charted
from tests.browser.test_board import Visit
from tests.browser.test_instrument import PAGE, charting, now
from tests.tradingsite.stack import wait_until

pytestmark = pytest.mark.browser
# What is marked from now on, for the test to see.
NOTE_MARKS = """async () => {
  const files = performance.getEntriesByType("resource").map(({ name }) => name);
  const { Canvas } = await import(files.find((name) => name.includes("/chart/canvas.")));
  const { showEvents } = Canvas.prototype;
  Canvas.prototype.showEvents = function noted(marks) {
    showEvents.call(this, marks);
    window.marks = marks;
  };
}"""

recorded_hours = pytest.fixture(scope="module", autouse=True)(charted.recorded_hours)


def signal(hours_ago: int, strength: str, sentence: str) -> dict[str, str]:
    time = (now() - timedelta(hours=hours_ago)).isoformat()
    return {"time": time, "direction": "up", "strength": strength, "sentence": sentence}


def test_what_is_hardly_strong_is_said_and_not_marked(visit: Visit) -> None:
    told = [signal(1, "0.120", "Hardly anything."), signal(3, "0.340", "A clear event.")]
    page = visit(PAGE)

    def answer(route: Route) -> None:
        route.fulfill(body=json.dumps({"results": told}), content_type="application/json")

    page.route("**/api/v1/signals/?*", answer)
    charting(page).evaluate(NOTE_MARKS)
    for _ in ("off", "on"):
        page.click("[data-switch=events]")
    wait_until(lambda: page.evaluate("window.marks?.length === 1"))
    page.focus("[data-chart]")
    for _ in range(2):
        page.keyboard.press("ArrowLeft")
    expect(page.locator("[data-legend]")).to_contain_text("Hardly anything.")
