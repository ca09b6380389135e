"""Large sums, long names and wide lists on a telephone: nothing is pushed off the page."""

import pytest
from django.conf import settings
from django.test import Client

from tests import cast
from tests.browser.in_process import Window
from tests.browser.test_pages import overflow
from tests.portfolio import prices

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, databases=["default", "owner"]),
]


@pytest.fixture
def rich(window: Window) -> Window:
    """Alice's window on a telephone, one of two; she has a billion and a name for it."""
    prices.publish_all()
    alice, client = cast.alice(), Client()
    account = cast.account_of(alice)
    cast.give(account, "999999999.99", "EUR")
    account.name = "Everything that I have ever had, and a billion besides it"
    account.save(update_fields=["name"])
    for browser in (Client(), client):
        browser.force_login(alice)
        browser.get("/settings/profile/")
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    window.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": window.site}])
    window.page.set_viewport_size({"width": 375, "height": 800})
    return window


def test_a_billion_fits_on_a_telephone(rich: Window) -> None:
    page = rich.go("/portfolio/")
    assert page.get_by_text("USD", exact=True).first.is_visible()
    assert overflow(page) <= 0


def test_a_long_name_leaves_the_way_back_in_its_card(rich: Window) -> None:
    page = rich.go("/portfolio/")
    page.get_by_role("link", name="Start this account over").click()
    assert overflow(page) <= 0
    card = page.locator("main .card").bounding_box()
    back = page.get_by_role("link", name="Keep it").bounding_box()
    assert card
    assert back
    assert back["x"] + back["width"] <= card["x"] + card["width"]


def test_another_browser_can_be_signed_out_on_a_telephone(rich: Window) -> None:
    page = rich.go("/settings/security/")
    region = page.get_by_role("region", name="Sessions")
    button = region.get_by_role("button", name="Sign out").bounding_box()
    assert button
    assert button["x"] + button["width"] <= 375
