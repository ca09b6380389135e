"""Do the console and the API's docs work in a real browser, under their own policies?"""

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import expect

from portfolio.models import TradingAccount
from tests import cast
from tests.accounts.people import enter_as_staff
from tests.browser.in_process import Window

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, databases=["default", "owner"]),
]


@pytest.fixture
def dana(window: Window) -> Window:
    """Dana's window: she has shown her second factor."""
    client = Client()
    enter_as_staff(client, cast.dana())
    value = client.cookies[settings.SESSION_COOKIE_NAME].value
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": value, "url": window.site}
    window.context.add_cookies([cookie])  # type: ignore[list-item]
    return window


def test_the_console_opens_its_pages_and_menus(dana: Window) -> None:
    page = dana.go("/admin/")
    expect(page.get_by_role("heading", name="Conversions per day (UTC)")).to_be_visible()
    page.get_by_role("link", name="Currencies").click()
    expect(page.get_by_text("US dollar")).to_be_visible()
    page.get_by_role("link", name="USD", exact=True).click()
    expect(page.get_by_label("Is active")).to_be_visible()


def test_the_console_saves_the_one_switch_of_a_currency(dana: Window) -> None:
    page = dana.go("/admin/market/currency/")
    page.get_by_role("link", name="THB", exact=True).click()
    page.get_by_label("Is active").uncheck()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("was changed successfully")).to_be_visible()


@pytest.mark.parametrize("width", [1440, 375])
def test_a_long_name_leaves_the_balance_where_it_is_seen(dana: Window, width: int) -> None:
    TradingAccount.objects.filter(pk=cast.account_of(cast.bob()).pk).update(name="W" * 60)
    dana.page.set_viewport_size({"width": width, "height": 900})
    page = dana.go("/admin/portfolio/ledgeraccount/")
    row = page.locator("#result_list tr", has_text="WWWW")
    for column in ("field-owner", "field-balance"):
        box = row.locator(f".{column}").bounding_box()
        assert box
        assert box["x"] + box["width"] <= width


def test_the_docs_page_lists_endpoints_and_tries_one(window: Window) -> None:
    page = window.go("/api/v1/docs/")
    operation = page.locator("#operations-market-get_currencies")
    operation.click()
    operation.get_by_role("button", name="Try it out").click()
    operation.get_by_role("button", name="Execute").click()
    status = operation.locator(".live-responses-table td.response-col_status").last
    expect(status).to_contain_text("200")
