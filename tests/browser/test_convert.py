"""Converting in a browser: the ticket, the ring, the picker, the keys, the refusals."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.people import sign_up
from tests.browser.test_board import Visit
from tests.browser.test_pages import serious_findings
from tests.tradingsite.stack import Stack

pytestmark = pytest.mark.browser
names = iter(f"converter{number}" for number in range(100))


@pytest.fixture
def ticket(visit: Visit, browser: Browser, site: Stack, tmp_path: Path) -> Page:
    """The convert page of somebody who has just signed up."""
    url, state = f"http://127.0.0.1:{site.port}", tmp_path / "state.json"
    newcomer = sign_up(browser, url, name=next(names), state=state)
    return visit("/convert/?from=USD&to=CHF", storage_state=newcomer.state)


def shown(page: Page, code: str) -> float:
    """The available balance beside the ticket."""
    line = page.locator(f"[data-give={code}]")
    text = line.get_attribute("data-shown") if line.count() else "0"
    return float(re.sub(r"\s", "", text or "0"))


def hold(page: Page, amount: str) -> None:
    page.fill("#amount_from", amount)
    expect(page.locator("[data-accept] button")).to_be_visible()


def test_a_held_rate_is_confirmed_and_shown_in_the_balances(ticket: Page) -> None:
    hold(ticket, "2 423")
    received = float(re.sub(r"\s", "", ticket.input_value("#amount_to")))
    ticket.get_by_role("button", name="Convert 2\u2009423.00 virtual USD").click()
    expect(ticket.locator(".toast")).to_contain_text("Converted.")
    assert shown(ticket, "USD") == 7577.00
    assert shown(ticket, "CHF") == received


def test_the_toast_leads_to_the_receipt(ticket: Page) -> None:
    hold(ticket, "100")
    ticket.keyboard.press("Control+Enter")
    ticket.locator(".toast").get_by_role("link", name="Receipt").click()
    expect(ticket.locator("h1")).to_have_text("Conversion")
    expect(ticket.get_by_text("House, fees")).to_be_visible()
    assert serious_findings(ticket) == []


def test_a_receipt_is_printed_in_dark_on_white_from_the_dark_theme(ticket: Page) -> None:
    ticket.emulate_media(color_scheme="dark")
    hold(ticket, "100")
    ticket.keyboard.press("Control+Enter")
    ticket.locator(".toast").get_by_role("link", name="Receipt").click()
    ticket.emulate_media(media="print", color_scheme="dark")
    expect(ticket.get_by_text("Balanced")).to_be_visible()
    assert serious_findings(ticket) == []


def test_the_side_that_was_typed_stays_exact(ticket: Page) -> None:
    ticket.fill("#amount_to", "100")
    expect(ticket.locator("[data-accept] button")).to_be_visible()
    expect(ticket.locator("[data-side-note]")).to_contain_text("To side")
    expect(ticket.get_by_text("You receive exactly")).to_contain_text("100.00")
    ticket.locator("h1").click()
    ticket.keyboard.press("x")
    assert ticket.input_value("select[name=from]") == "CHF"
    assert ticket.input_value("#amount_from") == "100"


def test_the_picker_filters_and_chooses_by_keyboard(ticket: Page) -> None:
    ticket.focus("select[name=to]")
    ticket.keyboard.press("Enter")
    expect(ticket.locator("[data-picker]")).to_be_visible()
    ticket.keyboard.type("yen")
    ticket.keyboard.press("Enter")
    expect(ticket.locator("#past")).to_contain_text("USD to JPY")
    assert ticket.input_value("select[name=to]") == "JPY"


def test_a_refusal_says_that_nothing_moved(ticket: Page) -> None:
    ticket.fill("#amount_from", "99999999")
    expect(ticket.locator("#quote")).to_contain_text("Your money has not moved.")
    expect(ticket.locator("#quote")).to_contain_text("amount_too_large")
    assert shown(ticket, "USD") == 10_000.00


def test_a_refused_amount_leaves_no_result_beside_it(ticket: Page) -> None:
    hold(ticket, "100")
    expect(ticket.locator("#amount_to")).not_to_have_value("")
    ticket.fill("#amount_from", "9999999")
    expect(ticket.locator("#quote")).to_contain_text("1\u202f000\u202f000.00 USD")
    expect(ticket.locator("#amount_to")).to_have_value("")


def test_an_old_result_counts_no_more_while_the_new_one_is_awaited(ticket: Page) -> None:
    hold(ticket, "100")
    ticket.route("**/convert/quote/", lambda route: None)  # on its way for ever
    ticket.fill("#amount_from", "500")
    expect(ticket.locator("#amount_to")).to_have_attribute("aria-busy", "true")
    expect(ticket.locator("#amount_from")).to_have_attribute("aria-busy", "false")
    expect(ticket.locator("#quote")).to_have_css("opacity", "0.45")
    expect(ticket.locator("[data-accept] button")).to_have_count(1)
    ticket.keyboard.press("Control+Enter")
    expect(ticket.locator("#quote")).to_have_js_property("inert", True)
    assert shown(ticket, "USD") == 10_000.00
    ticket.unroute_all()
    ticket.fill("#amount_from", "200")
    expect(ticket.get_by_role("button", name="Convert 200.00 virtual USD")).to_be_visible()
    expect(ticket.locator("#amount_to")).to_have_attribute("aria-busy", "false")


def test_an_answer_that_comes_late_is_not_shown_for_another_amount(ticket: Page) -> None:
    asked: list[Route] = []
    ticket.route("**/convert/quote/", lambda route: asked.append(route))
    with ticket.expect_request("**/convert/quote/"):
        ticket.fill("#amount_from", "100")
    ticket.fill("#amount_from", "500")
    asked[0].continue_()
    with ticket.expect_request("**/convert/quote/"):
        ticket.wait_for_timeout(300)
    assert ticket.get_by_role("button", name="Convert 100.00 virtual USD").count() == 0
    asked[1].continue_()
    expect(ticket.get_by_role("button", name="Convert 500.00 virtual USD")).to_be_visible()


def test_an_amount_of_the_calculator_is_priced_at_once(ticket: Page) -> None:
    ticket.goto(ticket.url + "&amount_from=250")
    expect(ticket.get_by_role("button", name="Convert 250.00 virtual USD")).to_be_visible()


def test_a_rate_that_ran_out_is_offered_anew(ticket: Page) -> None:
    ticket.clock.install()
    hold(ticket, "50")
    ticket.clock.run_for(16_000)
    expect(ticket.locator("#quote")).to_contain_text("That rate has gone")
    expect(ticket.locator("#amount_to")).to_have_value("")
    ticket.locator("#quote button[type=submit]").click()
    expect(ticket.locator("[data-accept] button")).to_be_visible()


def test_the_confirm_button_is_on_a_phones_screen(ticket: Page) -> None:
    ticket.set_viewport_size({"width": 390, "height": 844})
    hold(ticket, "2423")
    box = ticket.locator("[data-accept] button").bounding_box()
    bar = ticket.locator(".tabbar").bounding_box()
    assert box is not None
    assert bar is not None
    assert box["y"] + box["height"] <= bar["y"]


def test_it_converts_without_scripts(visit: Visit, ticket: Page) -> None:
    state = ticket.context.storage_state()
    page = visit("/convert/?from=USD&to=EUR", java_script_enabled=False, storage_state=state)
    page.fill("#amount_from", "250")
    page.click("text=Hold a rate")
    page.click("text=Convert 250.00 virtual USD")
    expect(page.locator(".toast")).to_contain_text("Converted.")
    assert shown(page, "USD") == 9750.00


@pytest.fixture
def far(visit: Visit, ticket: Page) -> Page:
    """The same person's page, where it may fail to reach the site."""
    state = ticket.context.storage_state()
    return visit("/convert/?from=USD&to=CHF", expected="htmx:|503", storage_state=state)


def test_without_a_network_no_result_is_left_standing(far: Page) -> None:
    hold(far, "100")
    far.context.set_offline(True)
    far.fill("#amount_from", "99")
    expect(far.locator("#quote")).to_contain_text("Not reachable.")
    expect(far.locator("[data-accept]")).to_have_count(0)
    expect(far.locator("#amount_to")).to_have_value("")
    far.context.set_offline(False)
    far.get_by_role("button", name="Try again").click()
    expect(far.get_by_role("button", name="Convert 99.00 virtual USD")).to_be_visible()


def test_a_rate_can_run_out_without_a_network(far: Page) -> None:
    far.clock.install()
    hold(far, "50")
    far.context.set_offline(True)
    far.clock.run_for(16_000)
    expect(far.locator("#quote")).to_contain_text("Not reachable.")
    expect(far.locator("[data-accept]")).to_have_count(0)


def test_an_amount_that_is_taken_out_takes_its_rate_along(far: Page) -> None:
    hold(far, "100")
    far.fill("#amount_from", "")
    expect(far.locator("[data-accept]")).to_have_count(0)
    expect(far.locator("#amount_to")).to_have_value("")
    expect(far.locator("#quote")).to_contain_text("Type an amount.")


def test_a_busy_site_is_told_in_the_ticket(far: Page) -> None:
    far.route("**/convert/quote/", lambda route: route.fulfill(status=503, body="<h1>503</h1>"))
    far.fill("#amount_from", "100")
    expect(far.locator("#quote")).to_contain_text("Not reachable.")
    expect(far.locator("#quote h1")).to_have_count(0)
