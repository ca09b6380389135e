"""What the board does when the line is lost: it says so, tries again, and falls back."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import WebSocketRoute, expect

from tests.browser.test_board import Visit, streaming, ticking
from tests.market.frames import row
from tests.tradingsite.stack import Stack

pytestmark = pytest.mark.browser
NO_WEBSOCKETS = """window.WebSocket = class {
  constructor() { setTimeout(() => this.onclose({ code: 1006 }), 10); }
  close() {}
};
window.WebSocket.OPEN = 1;"""


ON_ITS_WAY = "ERR_(CONNECTION_RESET|EMPTY_RESPONSE)"  # when the server was killed


def test_it_comes_back_after_the_server_was_killed(visit: Visit, site: Stack) -> None:
    page = streaming(visit(expected=ON_ITS_WAY))
    page.evaluate("window.same = true")
    site.kill("web")
    expect(page.locator("[data-stream]")).to_have_text("Reconnecting")
    expect(page.locator("[data-stream]")).to_have_text("Streaming", timeout=30_000)
    ticking(page, "BTC")
    assert page.evaluate("window.same")
    expect(page.locator("[data-reconnecting]")).to_be_hidden()


def test_a_lost_line_fades_prices_and_offers_now(visit: Visit) -> None:
    page = streaming(visit())
    page.context.set_offline(True)
    page.route_web_socket("**/ws/board/**", lambda socket: socket.close())
    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
    notice = page.locator("[data-reconnecting]")
    expect(notice).to_contain_text("Last prices")
    expect(page.locator("tr[data-code=EUR]")).to_have_class("is-stale", timeout=20_000)
    page.unroute_all()
    page.context.set_offline(False)


def test_a_lost_network_is_told_at_once(visit: Visit) -> None:
    page = streaming(visit())
    page.context.set_offline(True)
    expect(page.locator("[data-stream]")).to_have_text("Reconnecting")
    page.context.set_offline(False)
    streaming(page)


def test_server_sent_events_take_over_where_websockets_fail(visit: Visit) -> None:
    page = visit("/about/")
    page.add_init_script(NO_WEBSOCKETS)
    with page.expect_request("**/sse/board/**"):
        page.goto("/")
    streaming(page)
    ticking(page, "BTC")


@pytest.mark.parametrize("path", ["/", "/instruments/EUR-USD/"])
def test_a_snapshot_that_waited_makes_no_price_younger(visit: Visit, path: str) -> None:
    then = (datetime.now(UTC) - timedelta(minutes=3)).isoformat()

    def send_what_was_kept(socket: WebSocketRoute) -> None:
        base = socket.url.partition("base=")[2][:3]
        frame = {"type": "snapshot", "base": base, "epoch": "aa", "seq": 1, "as_of": then}
        rows = [row(code, as_of=then) for code in ("EUR", "USD")]
        socket.send(json.dumps(frame | {"rows": rows}))

    page = visit("/about/")
    page.route_web_socket("**/ws/board/**", send_what_was_kept)
    page.goto(path)
    mark = page.locator("[data-code=EUR] [data-mark], .inst-head [data-mark]").first
    expect(mark).to_have_text("3 min")
    expect(mark).to_have_attribute("title", "No fresh price: not tradable: no new price")
    if path == "/":
        expect(page.locator("[data-stream]")).to_have_text("As of")
