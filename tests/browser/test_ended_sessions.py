"""Does an open page say that its session has ended, and lead to where one signs in again?"""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from accounts import sessions
from core.push import end_sessions
from tests.accounts.people import PASSWORD, make
from tests.browser.in_process import Window, opened_window

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, databases=["default", "owner"]),
]
NEW_PASSWORD = "another long walk by the sea"


@pytest.fixture
def other(browser: Browser, live_site: str) -> Iterator[Window]:
    """A second browser."""
    with opened_window(browser, live_site) as opened:
        yield opened


def sign_in(window: Window, password: str = PASSWORD) -> Page:
    page = window.go("/accounts/login/")
    page.get_by_label("E-mail or username").fill("mara")
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page).to_have_url(f"{window.site}/")
    return page


def watched(window: Window, path: str) -> Page:
    """The page once its socket has been heard from."""
    heard: list[str] = []
    window.page.on(
        "websocket",
        lambda socket: socket.on("framereceived", lambda _: heard.append(socket.url)),
    )
    window.go(path)
    while not any("/ws/me/" in address for address in heard):
        window.page.wait_for_timeout(50)
    return window.page


def change_password(page: Page) -> None:
    page.get_by_label("Present password").fill(PASSWORD)
    for label in ("New password", "New password, again"):
        page.get_by_label(label, exact=True).fill(NEW_PASSWORD)
    page.get_by_role("button", name="Change the password").click()
    expect(page.locator(".toast-success")).to_be_visible()


def says_so(page: Page, *, came_from: str) -> None:
    expect(page.get_by_text("You are signed out here.")).to_be_visible(timeout=10_000)
    assert re.search(r"/accounts/login/\?ended=1&next=" + came_from, page.url)


def test_a_revoked_session_is_told_on_its_open_page(window: Window, other: Window) -> None:
    make("mara")
    sign_in(window)
    sign_in(other)
    page = watched(other, "/settings/profile/")
    home = window.go("/settings/security/")
    home.get_by_role("button", name="Sign out everywhere else").click()
    expect(home.get_by_text("Signed out in 1 other browser.")).to_be_visible()
    says_so(page, came_from="%2Fsettings%2Fprofile%2F")
    page.get_by_label("E-mail or username").fill("mara")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page).to_have_url(f"{other.site}/settings/profile/")
    assert window.page.url.endswith("/settings/security/")


def test_a_password_changed_elsewhere_is_told_on_a_public_page(
    window: Window, other: Window
) -> None:
    make("mara")
    sign_in(window)
    sign_in(other)
    page = watched(other, "/about/?base=EUR")
    home = watched(window, "/accounts/password/change/")
    change_password(home)
    says_so(page, came_from="%2Fabout%2F%3Fbase%3DEUR")
    assert "ended" not in home.url


def test_a_new_id_of_the_session_turns_no_page_away(window: Window) -> None:
    user = make("mara")
    sign_in(window)
    page = watched(window, "/settings/profile/")
    home = window.context.new_page()
    home.goto(f"{window.site}/accounts/password/change/")
    change_password(home)
    end_sessions(user.public_id)
    page.wait_for_timeout(3_000)  # it was refused once, under the old id
    expect(page).to_have_url(f"{window.site}/settings/profile/")


def test_a_part_of_a_page_leads_the_whole_page_to_sign_in(other: Window) -> None:
    user = make("mara")
    sign_in(other)
    other.page.route_web_socket("**/ws/**", lambda socket: None)
    page = other.go("/convert/")
    sessions.end_others(user, this_key=None)
    page.locator("input[name=amount_from]").fill("100")
    says_so(page, came_from="%2Fconvert%2F")
