"""Every step of protection, letters and starting over: it fits, and axe finds nothing serious."""

import re
from urllib.parse import urlsplit

import pytest
from django.core import mail
from playwright.sync_api import Page, expect

from tests.browser.in_process import Window
from tests.browser.test_convert import hold, ticket  # noqa: F401 - a fixture
from tests.browser.test_pages import overflow, serious_findings
from tests.browser.test_people import (
    add_authenticator,
    mara,  # noqa: F401 - a fixture
    open_account,
    sign_in,
    sign_out,
)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, databases=["default", "owner"]),
]
PROTECTED = (
    *("recovery-codes", "recovery-codes/generate", "totp/deactivate", "reauthenticate"),
    *("webauthn/keys/{pk}/edit", "webauthn/keys/{pk}/remove", "webauthn/add"),
)
WEAR = """theme => {
  document.documentElement.dataset.theme = theme;
  const fading = document.getAnimations().filter((one) => one instanceof CSSTransition);
  for (const one of fading) one.finish();
}"""
PHONE = {"width": 375, "height": 800}
DESK = {"width": 1280, "height": 800}


def examine(page: Page) -> None:
    """Look at a page in two themes, then on a telephone."""
    for theme in ("paper", "ink"):  # set by hand: a page follows the system only when it opens
        page.evaluate(WEAR, theme)
        assert serious_findings(page) == [], theme
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    assert overflow(page) <= 0, page.url
    page.set_viewport_size(DESK)  # type: ignore[arg-type]


def follow(window: Window, path: str) -> Page:
    """Open the address in the newest letter that goes to `path`."""
    link = re.search(rf"http://\S+{path}\S+", str(mail.outbox[-1].body))
    assert link, mail.outbox[-1].body
    return window.go(urlsplit(link[0]).path)


def test_every_step_of_the_second_factor(mara: Window) -> None:  # noqa: F811
    examine(mara.page)  # the codes, while they are shown
    page = mara.go("/accounts/2fa/webauthn/add/")
    add_authenticator(page)
    page.get_by_role("button", name="Add the passkey").click()
    expect(page.get_by_text("The passkey is added.")).to_be_visible()
    place = page.locator("a[href*='/webauthn/keys/']").first.get_attribute("href") or ""
    for step in PROTECTED:
        number = place.split("/keys/")[1].split("/")[0]
        page = mara.go(f"/accounts/2fa/{step.format(pk=number)}/")
        assert step.split("/")[-1] in page.url
        examine(page)


def test_every_step_of_passwords_and_addresses(mara: Window) -> None:  # noqa: F811
    for path in ("email", "password/change", "reauthenticate", "confirm-email", "logout"):
        page = mara.go(f"/accounts/{path}/")
        assert path in page.url
        examine(page)
    sign_out(page)
    sign_in(mara.go("/accounts/login/"), "mara")
    expect(page).to_have_url(re.compile("/2fa/authenticate/"))
    examine(page)


def test_every_step_of_a_new_account_and_a_lost_password(window: Window) -> None:
    open_account(window)
    examine(follow(window, "/confirm-email/"))
    window.page.get_by_role("button", name="Yes, confirm it").click()
    examine(window.go("/accounts/2fa/totp/activate/"))
    sign_out(window.page)
    page = window.go("/accounts/password/reset/")
    page.get_by_label("E-mail").fill("mara@example.org")
    page.locator("main button[type=submit]").click()
    examine(page)
    examine(follow(window, "/password/reset/key/"))
    page.get_by_label("New password", exact=True).fill("another long walk by the sea")
    page.locator("main button[type=submit]").click()
    examine(page)
    examine(window.go("/accounts/password/reset/key/done/"))


def test_a_receipt_and_starting_over(ticket: Page) -> None:  # noqa: F811
    examine(ticket)
    hold(ticket, "100")
    examine(ticket)
    ticket.keyboard.press("Control+Enter")
    ticket.locator(".toast").get_by_role("link", name="Receipt").click()
    expect(ticket.locator("h1")).to_have_text("Conversion")
    examine(ticket)
    ticket.goto("/portfolio/")
    ticket.locator("a[href$='/reset/']").first.click()
    examine(ticket)
