"""How much does the first view of the board cost? Bytes over the wire and script per frame."""

from collections.abc import Callable, Container

import pytest
from playwright.sync_api import Page

from tests.browser.test_board import Visit, streaming

pytestmark = pytest.mark.browser
FIRST_VIEW_MAX = 120 * 1024  # HTML, CSS, own scripts, font: BOARD
FRAME_MS_MAX = 4.0
BOARD = ("document", "stylesheet", "script", "font")
# Five rows change in each frame, as when 20 a second do: the median time of a frame's script.
FRAMES = """async (path) => {
  const { RatesTable } = await import(path);
  const table = new RatesTable(document.getElementById("rates"));
  const rows = [...table.lines].slice(0, 5).map(([code, { line }]) => ({
    code, kind: line.dataset.kind, high: "1.2", low: "1.0", change_pct: "0.1", bid: "1.1",
    ask: "1.2", as_of: new Date().toISOString(), state: "live", source: "test", simulated: false,
    reason: "", since: null,
  }));
  const spent = [];
  for (let frame = 0; frame < 50; frame += 1) {
    for (const row of rows) row.price = (1 + Math.random()).toFixed(9);
    for (const entry of table.lines.values()) entry.paintedAt = -1000;
    const began = performance.now();
    table.take(rows, { quiet: false });
    table.paint();
    spent.push(performance.now() - began);
    await new Promise(requestAnimationFrame);
  }
  return spent.sort((a, b) => a - b)[25];
}"""


def bytes_over_the_wire(
    page: Page, *, ready: Callable[[Page], object] = streaming, of: Container[str] | None = None
) -> int:
    """Compressed sizes of all (or those kinds) that a view needs, as the browser received them."""
    ready(page)
    page.wait_for_load_state("networkidle")  # nothing of this first visit is counted
    devtools = page.context.new_cdp_session(page)
    kinds: dict[str, str] = {}
    sizes: dict[str, int] = {}
    devtools.on(
        "Network.requestWillBeSent",
        lambda event: kinds.__setitem__(event["requestId"], event["type"].lower()),
    )
    devtools.on(
        "Network.loadingFinished",
        lambda event: sizes.__setitem__(event["requestId"], int(event["encodedDataLength"])),
    )
    devtools.send("Network.enable")
    devtools.send("Network.setCacheDisabled", {"cacheDisabled": True})
    page.reload()
    ready(page)
    page.wait_for_load_state("load")
    page.wait_for_load_state("networkidle")
    asked = {request for request, kind in kinds.items() if of is None or kind in of}
    return sum(size for request, size in sizes.items() if request in asked)


def test_the_first_view_is_light(visit: Visit) -> None:
    assert bytes_over_the_wire(visit(), of=BOARD) < FIRST_VIEW_MAX


def test_a_frame_of_changes_takes_little_script(visit: Visit) -> None:
    page = streaming(visit())
    assert page.evaluate(FRAMES, "/static/js/ratestable.js") < FRAME_MS_MAX
