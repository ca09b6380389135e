"""Does an open page say that the house has stopped all money, and that it moves again?"""

import pytest
from playwright.sync_api import expect

from accounts.models import User
from portfolio import stopping
from tests.accounts.people import make
from tests.browser.in_process import Window
from tests.browser.test_ended_sessions import sign_in, watched

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, databases=["default", "owner"]),
]
SAID = "No money moves at the moment."
LONG = "https://status.example.org/" + 60 * "x"


def test_the_notice_comes_and_goes_on_an_open_page(window: Window) -> None:
    root = User.objects.create_superuser("root", "root@example.org", None)
    make("mara")
    sign_in(window)
    page = watched(window, "/convert/")
    expect(page.get_by_text(SAID)).to_have_count(0)
    page.route("**/stop-notice/", lambda route: route.fulfill(status=503), times=1)
    stopping.stop(reason="The books are checked.", told=f"Back <b>soon</b>. {LONG}", by=root)
    expect(page.get_by_text(SAID)).to_be_visible(timeout=10_000)  # asked again
    assert ["503" in said for said in window.complaints] == [True]
    window.complaints.clear()
    expect(page.get_by_text("Back <b>soon</b>.")).to_be_visible()
    page.set_viewport_size({"width": 375, "height": 812})
    assert page.evaluate("document.querySelector('[data-stop] p').scrollWidth") < 343
    stopping.resume(reason="All is well again.", by=root)
    expect(page.get_by_text(SAID)).to_have_count(0)
    expect(page.get_by_text("Money moves again.")).to_be_visible()
