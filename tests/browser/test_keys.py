"""Getting around by keyboard, and the theme that follows the person."""

import pytest
from playwright.sync_api import expect

from tests.browser.people import Person
from tests.browser.test_board import Visit, streaming

pytestmark = pytest.mark.browser


def test_g_and_a_letter_go_to_a_page(visit: Visit) -> None:
    page = visit("/about/")
    page.keyboard.press("g")
    page.keyboard.press("r")
    page.wait_for_url("**/")


def test_single_keys_can_be_switched_off(visit: Visit) -> None:
    page = visit("/about/")
    page.keyboard.press("?")
    page.get_by_label("Single keys are on").uncheck()
    page.keyboard.press("Escape")
    page.click("h1")
    page.keyboard.press("g")
    page.keyboard.press("r")
    page.wait_for_timeout(300)
    assert page.url.endswith("/about/")


def test_keys_do_nothing_in_fields(visit: Visit) -> None:
    page = streaming(visit())
    page.focus("[data-filter]")
    page.keyboard.type("?gr")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator("[data-filter]")).to_have_value("?gr")


def test_the_palette_jumps_to_pages_and_currencies(visit: Visit) -> None:
    page = streaming(visit())
    page.keyboard.press("Control+k")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.type("swiss")
    page.wait_for_selector("[role=option]")
    page.keyboard.press("Enter")
    page.wait_for_url("**/?q=CHF")
    page.keyboard.press("Control+k")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.type("terms")
    page.keyboard.press("Enter")
    page.wait_for_url("**/terms/")


def test_the_theme_follows_the_system_until_chosen(visit: Visit) -> None:
    page = visit("/about/", color_scheme="dark")
    html = page.locator("html")
    expect(html).to_have_attribute("data-theme", "ink")
    page.click("header [data-theme-toggle]")
    expect(html).to_have_attribute("data-theme", "paper")
    page.reload()
    expect(html).to_have_attribute("data-theme", "paper")


def test_the_theme_of_a_person_is_kept_at_home(visit: Visit, person: Person) -> None:
    page = visit("/about/", storage_state=person.state, color_scheme="light")
    page.click("summary.avatar")
    with page.expect_response("**/api/v1/me/") as answer:
        page.locator("header [data-theme-toggle]").click()
    assert answer.value.ok
    elsewhere = visit("/about/", storage_state=person.state, color_scheme="light")
    expect(elsewhere.locator("html")).to_have_attribute("data-theme", "ink")


def test_as_the_system_is_a_choice_too(visit: Visit, person: Person) -> None:
    page = visit("/settings/preferences/", storage_state=person.state, color_scheme="dark")
    page.evaluate("localStorage.setItem('theme', 'light')")
    page.get_by_label("Appearance").select_option("system")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("[data-toasts]")).to_contain_text("Saved.")
    expect(page.locator("html")).to_have_attribute("data-theme", "ink")


def test_without_scripts_the_system_decides_the_theme(visit: Visit) -> None:
    page = visit("/about/", color_scheme="dark", java_script_enabled=False)
    expect(page.locator("body")).to_have_css("background-color", "oklch(0.168 0.017 264)")


# Whether something that stays in place lies over the middle of what has the focus.
COVERED = """() => {
  const { x, y, width, height } = document.activeElement.getBoundingClientRect();
  const over = document.elementFromPoint(x + width / 2, y + height / 2);
  return Boolean(over?.closest(".tabbar, .bar, thead"))
    && !over.contains(document.activeElement) && !document.activeElement.contains(over);
}"""


@pytest.mark.parametrize("path", ["/", "/convert/"])
def test_no_bar_covers_what_has_the_focus(visit: Visit, person: Person, path: str) -> None:
    page = visit(path, width=720, height=450, storage_state=person.state)  # 1440 at 200 %
    for key in ("Tab", "Shift+Tab"):
        for _ in range(40):
            page.keyboard.press(key)
            name = page.evaluate("document.activeElement.outerHTML.slice(0, 90)")
            assert not page.evaluate(COVERED), f"{key}: {name}"
