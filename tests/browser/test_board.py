"""The board in a browser: it ticks, switches, filters and obeys the keyboard."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.people import Person

pytestmark = pytest.mark.browser
Visit = Callable[..., Page]
SHIFTS = """(buffered) => new Promise((done) => {
  const shifts = [];
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) shifts.push(entry.value);
  }).observe({type: "layout-shift", buffered});
  setTimeout(() => done(shifts), 3000);
})"""
LOADED_SHIFT_MAX = 0.02  # a fifth of what the Web Vitals call good


def streaming(page: Page) -> Page:
    expect(page.locator("[data-stream]")).to_have_text("Streaming")
    return page


def price(page: Page, code: str) -> str:
    return page.locator(f"tr[data-code={code}] [data-cell=price]").inner_text()


def ticking(page: Page, code: str) -> None:
    cell = page.locator(f"tr[data-code={code}] [data-cell=price]")
    expect(cell).not_to_have_text(cell.inner_text())


def codes(page: Page, group: str) -> list[str]:
    rows = page.locator(f"[data-group={group}] tr:visible")
    return [str(row.get_attribute("data-code")) for row in rows.all()]


def test_it_lists_every_currency_with_source_and_age(visit: Visit) -> None:
    page = streaming(visit())
    assert page.locator("tr[data-code]").count() == 31
    expect(page.locator("tr[data-code=EUR] .col-source .bdg")).to_contain_text("s")
    expect(page.locator("[data-simulated]")).to_be_visible()


def test_prices_tick_without_moving_anything(visit: Visit) -> None:
    page = streaming(visit())
    before = price(page, "BTC")
    assert page.evaluate(SHIFTS, False) == []
    assert price(page, "BTC") != before


def test_the_page_hardly_moves_while_it_loads(visit: Visit) -> None:
    assert sum(streaming(visit()).evaluate(SHIFTS, True)) < LOADED_SHIFT_MAX


def test_the_title_shows_the_first_price(visit: Visit) -> None:
    page = streaming(visit())
    expect(page).to_have_title(re.compile(r"^[\d\u2009.]+ JPY · Rates"))


def test_another_base_comes_without_loading_the_page(visit: Visit) -> None:
    page = streaming(visit())
    page.evaluate("window.same = true")
    page.click("[data-base-link=EUR]")
    expect(page.locator("#rates")).to_have_attribute("data-base", "EUR")
    expect(page.locator("tr[data-code=USD]")).to_be_visible()
    assert page.url.endswith("?base=EUR")
    ticking(page, "BTC")
    assert page.evaluate("window.same")
    page.go_back()
    expect(page.locator("#rates")).to_have_attribute("data-base", "USD")
    assert page.evaluate("window.same")


def test_typing_filters_and_escape_shows_all(visit: Visit) -> None:
    page = streaming(visit())
    page.keyboard.press("/")
    page.keyboard.type("franc")
    assert codes(page, "major") == ["CHF"]
    expect(page.locator("[data-group-head=crypto]")).to_be_hidden()
    page.keyboard.type("zzz")
    expect(page.locator("[data-nothing]")).to_be_visible()
    page.keyboard.press("Escape")
    assert len(codes(page, "major")) == 8


def test_keys_move_along_the_rows(visit: Visit) -> None:
    page = streaming(visit())
    for key in ("j", "j", "j", "k"):
        page.keyboard.press(key)
    focused = "document.activeElement.closest('tr').dataset.code"
    assert page.evaluate(focused) == codes(page, "major")[1]


def test_columns_sort_both_ways_and_back(visit: Visit) -> None:
    page = streaming(visit())
    given = codes(page, "crypto")
    for expected in (sorted(given), sorted(given, reverse=True), given):
        page.click("[data-sort=name]")
        assert codes(page, "crypto") == expected


def test_the_calculator_answers_while_typing(visit: Visit) -> None:
    page = streaming(visit())
    page.fill("#have", "2 423")
    expect(page.locator("#get")).to_have_value(re.compile("^2\u00a0"))
    page.select_option("select[name=to]", "USD")
    expect(page.locator("#calculator-says")).to_contain_text("two different currencies")


def test_the_sources_of_a_row_in_focus_are_shown(visit: Visit) -> None:
    page = streaming(visit())
    page.focus("tr[data-code=GBP] [data-open]")
    expect(page.locator("[data-sources] caption")).to_have_text("Sources of GBP now")
    age = page.locator("[data-voices=GBP] time").first
    expect(age).to_have_text(re.compile(r"^[\d.]+\u00a0(s|min|h)$|^\d+ \w+$"))
    asked = page.expect_response(lambda answer: "/rates/sources/" in answer.url, timeout=15_000)
    with asked as answered:
        pass
    assert "code=GBP" in answered.value.url


def test_the_first_hint_stays_away_once_dismissed(visit: Visit) -> None:
    page = streaming(visit())
    page.click("[data-hint-close]")
    expect(page.locator("[data-hint]")).to_be_hidden()
    page.reload()
    expect(page.locator("[data-hint]")).to_be_hidden()


def test_a_favourite_is_kept(visit: Visit, person: Person) -> None:
    page = streaming(visit(storage_state=person.state))
    star = page.locator("tr[data-code=CHF] [data-favourite]")
    with page.expect_response("**/me/favourites/CHF/") as answer:
        star.click()
    assert answer.value.ok
    page.reload()
    expect(star).to_have_attribute("aria-pressed", "true")
    page.click("[data-favourites-only]")
    assert codes(page, "major") == ["CHF"]


def test_a_stranger_is_told_where_favourites_are_kept(visit: Visit) -> None:
    page = streaming(visit())
    page.click("tr[data-code=CHF] [data-favourite]")
    expect(page.locator("[data-toasts]")).to_contain_text("kept with your account")
    expect(page.locator("tr[data-code=CHF] [data-favourite]")).to_have_attribute(
        "aria-pressed", "false"
    )


def test_without_scripts_it_is_a_table_with_its_time(visit: Visit) -> None:
    page = visit(java_script_enabled=False)
    assert price(page, "EUR").startswith("0.")
    expect(page.locator("[data-stream]")).to_have_text("As of")
    expect(page.locator("[data-palette]").first).to_be_hidden()
    page.click("[data-base-link=EUR]")
    assert price(page, "USD").startswith("1.")
