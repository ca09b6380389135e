"""Can a person open an account, protect it, and come back, in a real browser?"""

import re
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core import mail
from playwright.sync_api import Browser, Page, expect

from tests.accounts.people import code_now
from tests.browser.in_process import Window, listen

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, databases=["default", "owner"]),
]
PASSWORD = "correct horse battery"


@pytest.fixture
def mara(window: Window) -> Window:
    """A new person whose address is confirmed and who has a code app."""
    open_account(window)
    confirm_address(window)
    window.secret = set_up_app(window)
    return window


def open_account(window: Window, name: str = "mara") -> None:
    page = window.go("/accounts/signup/")
    page.get_by_label("E-mail").fill(f"{name}@example.org")
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_text("EUR", exact=True).click()
    page.get_by_role("button", name="Open the account").click()
    expect(page).to_have_url(f"{window.site}/")


def confirm_address(window: Window) -> None:
    link = re.search(r"http://\S+/confirm-email/\S+", str(mail.outbox[0].body))
    assert link
    page = window.go(urlsplit(link[0]).path)
    page.get_by_role("button", name="Yes, confirm it").click()
    expect(page.get_by_text("mara@example.org is confirmed.")).to_be_visible()


def set_up_app(window: Window) -> str:
    page = window.go("/settings/security/")
    page.get_by_role("link", name="Set up a code app").click()
    secret = page.locator("#authenticator_secret").inner_text()
    page.get_by_label("Code").fill(code_now(secret))
    page.get_by_role("button", name="Turn it on").click()
    page.get_by_role("button", name="Show my codes").click()
    expect(page.get_by_role("list", name="Your codes")).to_be_visible()
    return secret


def sign_in(page: Page, login: str) -> None:
    page.get_by_label("E-mail or username").fill(login)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def add_authenticator(page: Page) -> None:
    """A telephone that keeps passkeys and says yes, as Chromium plays it."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True}
    options |= {"hasUserVerification": True, "isUserVerified": True}
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def test_a_stranger_becomes_a_person_with_a_code_app(mara: Window) -> None:
    codes = mara.page.get_by_role("list", name="Your codes").get_by_role("listitem")
    expect(codes).to_have_count(10)
    page = mara.go("/settings/security/")
    expect(page.get_by_text("Well protected.")).to_be_visible()
    expect(page.get_by_text("10 of 10 left")).to_be_visible()


def test_recovery_codes_can_be_taken_along_this_once(mara: Window) -> None:
    page = mara.page
    codes = page.get_by_role("list", name="Your codes").get_by_role("listitem").all_inner_texts()
    with page.expect_download() as saved:
        page.get_by_role("button", name="Download").click()
    assert saved.value.path().read_text().split() == codes
    mara.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_text("Copied.")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()").split() == codes
    page.reload()
    expect(page.get_by_text("10 of 10 left")).to_be_visible()
    assert not [code for code in codes if code in page.content()]


def test_another_browser_needs_the_code_and_can_be_signed_out(
    mara: Window, browser: Browser, settings: Any
) -> None:
    settings.MFA_TOTP_TOLERANCE = 1  # a code may come a half minute early
    context = browser.new_context()
    other = Window(context, context.new_page(), mara.site, mara.complaints)
    listen(other)
    page = other.go("/accounts/login/")
    sign_in(page, "mara@example.org")
    page.get_by_label("Code").fill(next_code(mara.secret))
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(f"{mara.site}/")
    home = mara.go("/settings/security/")
    home.get_by_role("button", name="Sign out everywhere else").click()
    expect(home.get_by_text("Signed out in 1 other browser.")).to_be_visible()
    expect(other.go("/settings/security/")).to_have_url(re.compile("/accounts/login/"))
    context.close()


def test_a_passkey_is_added_and_opens_the_account_alone(mara: Window) -> None:
    page = mara.go("/settings/security/")
    add_authenticator(page)
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_role("button", name="Add the passkey").click()
    expect(page.get_by_text("The passkey is added.")).to_be_visible()
    sign_out(page)
    page = mara.go("/accounts/login/")
    page.get_by_role("button", name="Continue with a passkey").click()
    expect(page).to_have_url(f"{mara.site}/")
    page = mara.go("/settings/security/")
    expect(page.get_by_role("cell", name="passkey", exact=True)).to_be_visible()


def test_a_token_is_shown_this_once(mara: Window) -> None:
    page = mara.go("/settings/tokens/")
    page.get_by_label("Name").fill("Sheet")
    page.get_by_role("button", name="Make the token").click()
    text = page.locator("[data-token]").inner_text()
    assert text.startswith("ts_r_")
    page = mara.go("/settings/tokens/")
    expect(page.get_by_role("cell", name="Sheet", exact=True)).to_be_visible()
    assert text not in page.content()


def test_a_number_for_a_name_leads_to_where_passkeys_work(window: Window) -> None:
    by_number = window.site.replace("localhost", "127.0.0.1")
    window.page.goto(f"{by_number}/accounts/login/")
    window.page.get_by_role("link", name="localhost").click()
    expect(window.page.get_by_role("button", name="Continue with a passkey")).to_be_visible()


def test_a_password_can_be_looked_at_and_is_weighed(window: Window) -> None:
    page = window.go("/accounts/signup/")
    field = page.get_by_label("Password", exact=True)
    field.fill("short")
    expect(page.get_by_text("Too short yet.")).to_be_visible()
    field.fill(PASSWORD)
    expect(page.get_by_text("Strong.")).to_be_visible()
    page.get_by_role("button", name="Show password").first.click()
    expect(field).to_have_attribute("type", "text")


def sign_out(page: Page) -> None:
    page.goto(page.url.split("/accounts")[0].split("/settings")[0] + "/accounts/logout/")
    page.get_by_role("main").get_by_role("button", name="Sign out").click()


def next_code(secret: str) -> str:
    """The code of the next half minute: the present one may have been used to set the app up."""
    return code_now(secret, later=1)
