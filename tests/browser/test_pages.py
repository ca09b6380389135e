"""Every page: no sideways overflow, no serious finding of axe, in both themes."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.people import Person
from tests.browser.test_board import Visit, streaming

pytestmark = pytest.mark.browser
PUBLIC = (
    "/",
    "/instruments/",
    "/?base=JPY",
    "/about/",
    "/terms/",
    "/privacy/",
    "/nowhere/",
    "/news/",
    "/coins/",
)
ENTRANCE = ("/accounts/login/", "/accounts/signup/", "/accounts/password/reset/")
SETTINGS = (
    "profile",
    "preferences",
    "security",
    "security/freeze",
    "tokens",
    "data",
    "data/delete",
)
OWN = (
    *("/", "/convert/?from=USD&to=JPY", "/portfolio/", "/accounts/logout/"),
    *(f"/settings/{name}/" for name in SETTINGS),
)
SERIOUS = ("serious", "critical")
WIDTHS = (320, 375, 390, 820, 1440)


def serious_findings(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [
        f"{page.url} {one['id']}: {one['help']} at {one['nodes'][0]['html'][:160]}"
        for one in found
        if one["impact"] in SERIOUS
    ]


def overflow(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth - innerWidth"))


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("path", PUBLIC + ENTRANCE)
def test_public_pages_are_accessible_and_fit(visit: Visit, path: str, theme: str) -> None:
    page = visit(path, color_scheme=theme)
    page.wait_for_load_state("networkidle") if path not in ("/", "/?base=JPY") else streaming(page)
    assert serious_findings(page) == []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        assert overflow(page) <= 0, f"{path} at {width}"


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("path", OWN)
def test_own_pages_are_accessible_and_fit(
    visit: Visit, person: Person, path: str, theme: str
) -> None:
    page = visit(path, color_scheme=theme, storage_state=person.state)
    assert serious_findings(page) == []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        assert overflow(page) <= 0, f"{path} at {width}"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_open_menus_and_dialogs_are_accessible(visit: Visit, person: Person, theme: str) -> None:
    page = streaming(visit(color_scheme=theme, storage_state=person.state))
    page.click("summary.avatar")
    expect(page.get_by_role("button", name="Sign out").first).to_be_visible()
    assert serious_findings(page) == []
    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    page.keyboard.type("con")
    assert serious_findings(page) == []
    page.keyboard.press("Escape")
    page.click("h1")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("Next, previous row")
    assert serious_findings(page) == []


def test_the_mode_is_on_every_page_of_somebody_with_an_account(
    visit: Visit, person: Person
) -> None:
    page = visit("/about/", storage_state=person.state)
    expect(page).to_have_title("About these rates · VIRTUAL · Tradingsite")
    expect(page.locator("html")).to_have_attribute("data-mode", "virtual")
