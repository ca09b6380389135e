"""Two instruments on one chart: in percent, each with its stream; panes keep their own scale."""

import json

import pytest
from playwright.sync_api import WebSocketRoute, expect

from tests.browser import charted
from tests.browser.test_board import Visit
from tests.browser.test_instrument import PAGE, charting, now
from tests.tradingsite.stack import wait_until

pytestmark = pytest.mark.browser
# The compared instrument's price that was drawn last, for the test to see.
NOTE_COMPARED = """async () => {
  const files = performance.getEntriesByType("resource").map(({ name }) => name);
  const { Canvas } = await import(files.find((name) => name.includes("/chart/canvas.")));
  const { updateCompared } = Canvas.prototype;
  Canvas.prototype.updateCompared = function noted() {
    updateCompared.call(this);
    window.compared = this.compared?.last.c;
  };
}"""

# The canvas of the page, caught where it is next told its scale, for the test to ask.
CATCH_CANVAS = """async () => {
  const files = performance.getEntriesByType("resource").map(({ name }) => name);
  const { Canvas } = await import(files.find((name) => name.includes("/chart/canvas.")));
  const { scale } = Canvas.prototype;
  Canvas.prototype.scale = function caught(options) {
    window.canvas = this;
    scale.call(this, options);
  };
}"""
MODES = """() => window.canvas.chart.panes()
  .map((_, pane) => window.canvas.chart.priceScale("right", pane).options().mode)"""
NORMAL, LOGARITHMIC, PERCENT = range(3)

recorded_hours = pytest.fixture(scope="module", autouse=True)(charted.recorded_hours)


def test_a_compared_instrument_is_drawn_in_percent(visit: Visit) -> None:
    page = charting(visit(PAGE))
    page.select_option("[data-compare]", charted.OTHER)
    expect(page.locator("[data-notes]")).to_contain_text("Against DOT/USD, in percent")
    expect(page.locator("[data-switch=log]")).to_be_disabled()


def test_a_compared_instrument_moves_with_its_own_stream(visit: Visit) -> None:
    page, sockets = visit(PAGE), list[WebSocketRoute]()
    page.route_web_socket(
        f"**/ws/candles/?instrument={charted.OTHER}*", lambda one: sockets.append(one)
    )
    page.reload()
    charting(page).evaluate(NOTE_COMPARED)
    page.select_option("[data-compare]", charted.OTHER)
    expect(page.locator("[data-notes]")).to_contain_text("Against DOT/USD, in percent")
    frame = {"type": "candle", "instrument": "DOT/USD", "interval": "1h", "closed": False}
    frame |= dict.fromkeys(("open", "high", "low", "close"), "71.25") | {"volume": None}
    sockets[-1].send(json.dumps(frame | {"time": now().isoformat()}))
    wait_until(lambda: page.evaluate("window.compared === 71.25"))


def test_an_indicators_pane_keeps_its_own_figures(visit: Visit) -> None:
    page = charting(visit(PAGE))
    page.evaluate(CATCH_CANVAS)
    page.select_option("[data-compare]", charted.OTHER)
    expect(page.locator("[data-notes]")).to_contain_text("Against DOT/USD, in percent")
    page.click("[data-studies-open]")
    page.click("[data-add=rsi]")
    expect(page.locator("[data-studies-count]")).to_have_text("1")
    assert page.evaluate(MODES) == [PERCENT, NORMAL]
    page.emulate_media(color_scheme="dark")
    page.wait_for_timeout(300)
    assert page.evaluate(MODES) == [PERCENT, NORMAL]


def test_a_logarithmic_price_leaves_indicators_linear(visit: Visit) -> None:
    page = charting(visit(PAGE))
    page.evaluate(CATCH_CANVAS)
    page.click("[data-switch=log]")
    page.click("[data-studies-open]")
    page.click("[data-add=macd]")
    expect(page.locator("[data-studies-count]")).to_have_text("1")
    assert page.evaluate(MODES) == [LOGARITHMIC, NORMAL]
