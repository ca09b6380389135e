"""The page of an instrument in a browser: its chart, choices, table, keys and weight."""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, Route, WebSocketRoute, expect

from tests.browser import charted
from tests.browser.people import Person
from tests.browser.test_board import Visit, streaming
from tests.browser.test_pages import WIDTHS, overflow, serious_findings
from tests.browser.test_weight import bytes_over_the_wire
from tests.tradingsite.stack import wait_until

pytestmark = pytest.mark.browser
PAGE = f"/instruments/{charted.SYMBOL}/?interval=1h"
WEIGHT_MAX = 200 * 1024
DRAW_MS_MAX = 150.0
FILLS_THE_SCREEN = "document.fullscreenElement?.getBoundingClientRect().width === innerWidth"
NAMED = "getComputedStyle(document.querySelector('[data-tools]'), '::before').content"
ASKED = "performance.getEntriesByType('resource').filter((e) => /candles.[?]/.test(e.name)).length"
# The page's own canvas, 5,000 candles with volume, until they are painted.
DRAW = """async ([canvas, history]) => {
  const [{ Canvas }, { History }] = [await import(canvas), await import(history)];
  const [box, told] = [document.querySelector("[data-chart]"), new History("LTC-USD", "1h")];
  box.replaceChildren();
  const candles = Array.from({ length: 5000 }, (_, i) => {
    const at = 50_000 + 3000 * Math.sin(i / 90) + 300 * Math.sin(i / 7);
    const time = new Date(1.7e12 + i * 3_600_000).toISOString();
    const [open, high, low, close] = [at, at + 90, at - 80, at + 40 * Math.cos(i)].map(String);
    return { time, open, high, low, close, volume: String(10 + i % 40), source: "test" };
  });
  const drawn = new Canvas(box, { kind: "crypto" });
  told.take({ candles, forming: null, gaps: [], next: null, simulated: true });
  drawn.show(told, "candles");
  drawn.chart.timeScale().fitContent();
  for (let frame = 0; frame < 2; frame += 1) await new Promise(requestAnimationFrame);
}"""

recorded_hours = pytest.fixture(scope="module", autouse=True)(charted.recorded_hours)


def charting(page: Page) -> Page:
    expect(page.locator("[data-legend] .legend-time")).to_be_visible(timeout=15_000)
    return page


def now() -> datetime:
    """When the present hour began."""
    return datetime.now(UTC).replace(minute=0, second=0, microsecond=0)


def said(page: Page) -> str:
    return page.locator("[data-cursor-says]").inner_text()


def test_it_draws_candles_and_says_what_they_are_and_what_is_missing(visit: Visit) -> None:
    page = charting(visit(PAGE))
    notes = page.locator("[data-notes]")
    expect(notes).to_contain_text("Simulated market")
    expect(notes).to_contain_text("1 gap, marked by a dashed line")
    expect(page.locator("[data-chart-state]:visible")).to_have_count(0)
    expect(page.locator("[data-chart]")).to_have_attribute("aria-label", "LTC/USD, candles of 1h")
    expect(page.get_by_role("link", name="TradingView")).to_be_visible()


def test_the_price_and_the_last_candle_move(visit: Visit) -> None:
    page = charting(visit("/instruments/BTC-USD/?interval=1m"))
    for place in ("[data-cell=price]", "[data-legend]"):
        cell = page.locator(place)
        expect(cell).not_to_have_text(cell.inner_text())
    expect(page).to_have_title(re.compile(r"^BTC/USD [\d\u2009.]+ · Tradingsite"))


def test_candles_missed_on_an_open_socket_are_fetched(visit: Visit) -> None:
    page, sockets = visit(PAGE), list[WebSocketRoute]()
    page.route_web_socket("**/ws/candles/**", lambda one: sockets.append(one))
    page.reload()
    charting(page)
    frame = {"type": "candle", "instrument": "LTC/USD", "interval": "1h", "closed": False}
    frame |= dict.fromkeys(("open", "high", "low", "close"), "68.5")
    later = now() + timedelta(hours=5)
    with page.expect_request("**/api/v1/candles/**"):
        sockets[-1].send(json.dumps(frame | {"time": later.isoformat(), "volume": None}))


def test_candles_that_came_late_appear_on_an_open_chart(visit: Visit) -> None:
    page, sockets = visit(PAGE), list[WebSocketRoute]()
    page.route_web_socket("**/ws/candles/**", lambda one: sockets.append(one))
    page.reload()
    charting(page)
    expect(page.locator("[data-notes]")).to_contain_text("1 gap")
    frame = {"type": "healed", "instrument": "LTC/USD", "interval": "1h", "gaps": []}
    start, *later, end = [f"{at:%Y-%m-%dT%H:%M:%S}.000Z" for at in charted.hole()]
    flat = dict.fromkeys(("open", "high", "low", "close"), "68.25")
    told = [flat | {"time": at, "volume": "7", "source": "kraken"} for at in (start, *later)]
    sockets[-1].send(json.dumps(frame | {"start": start, "end": end, "candles": told}))
    expect(page.locator("[data-notes]")).not_to_contain_text("gap")
    page.locator("[data-table-toggle]").click()
    rows = page.locator("[data-table-body] tr", has_text="kraken")
    expect(rows).to_have_count(3)
    expect(rows.first).to_contain_text("68.25")


def test_the_past_appears_by_itself_once_it_is_made(visit: Visit) -> None:
    page, sockets = visit("/about/"), list[WebSocketRoute]()
    page.route_web_socket("**/ws/candles/**", lambda one: sockets.append(one))
    page.route("**/api/v1/candles/**", answer_of_a_fresh_site)
    page.goto(PAGE)
    state = page.locator("[data-chart-state]:visible")
    expect(state).to_contain_text("The past is being made")
    charting(page)
    page.unroute("**/api/v1/candles/**")
    changed = {"type": "changed", "instrument": "LTC/USD", "interval": "1h"}
    sockets[-1].send(json.dumps(changed | {"start": "2026-09-01", "end": "2026-11-01"}))
    expect(state).to_have_count(0)
    page.locator("[data-table-toggle]").click()
    expect(page.locator("[data-table-body] tr").nth(20)).to_be_attached()


def answer_of_a_fresh_site(route: Route) -> None:
    answer = route.fetch()
    told = answer.json() | {"candles": [], "gaps": [], "next": None, "past": "coming"}
    flat = dict.fromkeys(("open", "high", "low", "close"), "68.5")
    told["forming"] = flat | {"time": now().isoformat(), "volume": None, "source": "simulated"}
    route.fulfill(response=answer, json=told)


def test_a_page_left_for_long_keeps_what_was_in_view(visit: Visit) -> None:
    page = visit("/about/")
    page.route_web_socket("**/ws/candles/**", lambda _: None)
    then = f"&end={(now() - timedelta(hours=500)).isoformat().replace('+00:00', 'Z')}"
    page.route(
        re.compile("limit=200$"), lambda route: route.continue_(url=route.request.url + then)
    )
    charting_at(page, PAGE).mouse.wheel(-600, 0)
    seen = under_the_cursor(page)
    with page.expect_response(re.compile(r"/candles/\?.*limit=50\d")):
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.locator("[data-table-toggle]").click()
    newest = now() - timedelta(hours=1)
    expect(page.locator("[data-table-body]")).to_contain_text(f"{newest.day} {newest:%b, %H}:00")
    page.locator("[data-table-toggle]").click()
    assert under_the_cursor(page) == seen


def charting_at(page: Page, address: str) -> Page:
    page.goto(address)
    charting(page)
    page.locator("[data-chart]").hover(position={"x": 300, "y": 150})
    return page


def under_the_cursor(page: Page) -> str:
    page.wait_for_timeout(100)  # a frame or two, until the wheel has turned the chart
    for x in (301, 300):
        page.locator("[data-chart]").hover(position={"x": x, "y": 150})
    return page.locator("[data-legend] .legend-time").inner_text()


def test_keys_go_along_the_candles_and_say_them(visit: Visit) -> None:
    page = charting(visit(PAGE))
    page.focus("[data-chart]")
    page.keyboard.press("ArrowLeft")
    newest = said(page)
    page.keyboard.press("ArrowLeft")
    closed = said(page)
    assert re.search(r"O \d.* H \d.* L \d.* C \d.*%.*Vol \d", closed), closed
    page.keyboard.press("ArrowRight")
    assert said(page)[:13] == newest[:13] != closed[:13]


def test_the_same_numbers_are_a_table(visit: Visit) -> None:
    page = charting(visit(PAGE))
    page.click("[data-table-toggle]")
    expect(page.locator("[data-table]")).to_be_focused()
    expect(page.locator("[data-table-body] tr")).to_have_count(50)
    expect(page.locator("[data-chart]")).to_be_hidden()
    assert serious_findings(page) == []


def test_older_candles_come_by_going_left(visit: Visit) -> None:
    page = charting(visit(PAGE))
    page.wait_for_timeout(300)
    assert page.evaluate(ASKED) == 1  # nobody has gone left yet
    page.focus("[data-chart]")
    with page.expect_response(re.compile(r"/candles/\?.*end=")) as answer:
        page.keyboard.press("Home")
    assert answer.value.ok
    oldest = said(page)
    page.wait_for_timeout(300)
    page.keyboard.press("Home")
    assert said(page) != oldest


def test_older_candles_stay_when_one_comes_back_to_the_page(visit: Visit) -> None:
    page = charting(visit(PAGE))
    page.focus("[data-chart]")
    for cause in ("Home", "return"):
        with page.expect_response("**/api/v1/candles/**"):
            if cause == "Home":
                page.keyboard.press("Home")
            else:
                page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        page.wait_for_timeout(300)
        oldest = said(page)[:13]
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowLeft")
        assert said(page)[:13] == oldest


def test_every_tool_of_the_chart_is_in_view_on_a_laptop(visit: Visit) -> None:
    page = charting(visit(PAGE))
    page.set_viewport_size({"width": 1280, "height": 800})
    for tool in ("table-toggle", "picture", "full-screen"):
        expect(page.locator(f"[data-{tool}]")).to_be_in_viewport(ratio=1)


def test_on_a_telephone_the_tools_fold_and_are_large_enough_for_a_thumb(visit: Visit) -> None:
    page = charting(visit(PAGE, width=375))
    folded = page.locator("#chart-more > *")
    expect(folded.first).to_be_hidden()
    page.focus("[data-more]")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.locator("[data-compare]")).to_be_focused()
    sizes = page.locator("[data-tools] :is(.b, .seg > *)").evaluate_all(
        "all => all.map((one) => Math.min(one.offsetWidth, one.offsetHeight))"
    )
    assert (len(sizes), min(sizes)) == (17, 44)
    assert (overflow(page), serious_findings(page)) == (0, [])


def test_another_interval_comes_without_loading_the_page(visit: Visit) -> None:
    page = charting(visit(PAGE))
    page.evaluate("window.same = true")
    page.click(".seg [data-interval='1m']")
    expect(page.locator("[data-chart]")).to_have_attribute("aria-label", re.compile("of 1m"))
    assert page.url.endswith("?interval=1m")
    page.go_back()
    expect(page.locator("[data-chart]")).to_have_attribute("aria-label", re.compile("of 1h"))
    assert page.evaluate("window.same")


def test_a_strangers_choices_stay_in_the_browser(visit: Visit) -> None:
    page = charting(visit(PAGE))
    page.click("[data-kind-button=line]")
    page.click("[data-studies-open]")
    page.click("[data-add=rsi]")
    page.click("[data-add=macd]")
    page.keyboard.press("Escape")
    expect(page.locator("[data-studies-count]")).to_have_text("2")
    page.wait_for_timeout(800)  # choices are kept once the person rests
    page.reload()
    charting(page)
    expect(page.locator("[data-legend]")).to_contain_text("RSI 14")
    expect(page.locator("[data-kind-button=line]")).to_have_attribute("aria-pressed", "true")


def test_a_persons_choices_are_kept_with_the_account(visit: Visit, person: Person) -> None:
    page = charting(visit(PAGE, storage_state=person.state))
    page.click("[data-studies-open]")
    page.click("[data-add=ewma]")
    page.fill("[data-fields] input", "9999")
    with page.expect_response("**/api/v1/me/") as answer:
        page.keyboard.press("Tab")
    assert answer.value.ok
    kept = page.request.get("/api/v1/me/").json()["chart"]
    assert kept["studies"] == [{"name": "ewma", "parameters": {"length": "500"}}]
    elsewhere = charting(visit("/instruments/ETH-USD/?interval=1h", storage_state=person.state))
    expect(elsewhere.locator("[data-legend]")).to_contain_text("EWMA 500")


def test_the_chart_fills_the_screen_and_comes_back(visit: Visit) -> None:
    page = charting(visit(PAGE))
    button, chart = page.locator("[data-full-screen]"), page.locator("[data-chart]")
    before = chart.bounding_box()
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    wait_until(lambda: page.evaluate(FILLS_THE_SCREEN))
    grown = chart.bounding_box()
    assert before
    assert grown
    assert grown["height"] > before["height"]
    assert page.evaluate(NAMED) == '"LTC/USD"'
    expect(page.locator("[data-legend] .legend-time")).to_be_visible()
    button.click()
    expect(button).to_have_attribute("aria-pressed", "false")
    height = round(before["height"])
    wait_until(lambda: chart.evaluate("(chart) => chart.offsetHeight") == height)


def test_it_saves_a_picture(visit: Visit) -> None:
    page = charting(visit(PAGE))
    with page.expect_download() as saved:
        page.click("[data-picture]")
    assert saved.value.suggested_filename == "LTC-USD-1h.png"
    assert saved.value.path().read_bytes().startswith(b"\x89PNG")


def test_it_says_that_candles_could_not_be_fetched_and_tries_again(visit: Visit) -> None:
    page = visit("/about/")
    page.route("**/api/v1/candles/**", lambda route: route.abort("internetdisconnected"))
    page.goto(PAGE)
    expect(page.locator("[data-chart-state=error]")).to_be_visible()
    page.unroute_all()
    page.click("[data-retry]")
    charting(page)


def test_without_scripts_it_is_a_table_with_its_figures(visit: Visit) -> None:
    page = visit(PAGE, java_script_enabled=False)
    expect(page.locator("[data-table-body] tr")).to_have_count(50)
    expect(page.get_by_role("heading", name="Key figures")).to_be_visible()
    expect(page.locator("[data-studies-open]")).to_be_hidden()
    page.click("[data-interval='1m']")
    assert page.url.endswith("?interval=1m")


def test_a_row_of_the_board_and_the_palette_lead_to_it(visit: Visit) -> None:
    page = streaming(visit())
    page.click("tr[data-code=JPY] [data-open]")
    page.wait_for_url("**/instruments/USD-JPY/")
    charting(page).keyboard.press("Control+k")
    page.get_by_role("combobox", name="Page or currency").fill("eur/chf")
    expect(page.locator("#jump-list [role=option]")).to_contain_text("EUR/CHF")
    page.keyboard.press("Enter")
    page.wait_for_url("**/instruments/EUR-CHF/")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_is_accessible_and_fits(visit: Visit, theme: str) -> None:
    page = charting(visit(PAGE, color_scheme=theme))
    assert serious_findings(page) == []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        assert overflow(page) <= 0, f"at {width}"
    page.click("[data-studies-open]")
    page.click("[data-add=bollinger]")
    assert serious_findings(page) == []


def test_it_is_light(visit: Visit) -> None:
    assert bytes_over_the_wire(visit(PAGE), ready=charting) < WEIGHT_MAX


def test_five_thousand_candles_are_drawn_at_once(visit: Visit) -> None:
    page = charting(visit(PAGE))
    modules = [f"/static/js/chart/{name}.js" for name in ("canvas", "history")]
    assert min(busy_ms(page, modules) for _ in range(3)) < DRAW_MS_MAX


def busy_ms(page: Page, modules: list[str]) -> float:
    """Time the page's thread works to draw; other programs on this machine do not count."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("Performance.enable", {"timeDomain": "threadTicks"})

    def worked_s() -> float:
        metrics = devtools.send("Performance.getMetrics")["metrics"]
        return float(next(one["value"] for one in metrics if one["name"] == "TaskDuration"))

    before = worked_s()
    page.evaluate(DRAW, modules)
    return 1000 * (worked_s() - before)
