"""Does any page do what its policy forbids? A tour, and what a browser reports when one does."""

import time
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.people import Person
from tests.browser.test_pages import ENTRANCE, OWN, PUBLIC
from tests.tradingsite.stack import Stack

pytestmark = pytest.mark.browser
Visit = Callable[..., Page]
LISTEN = """
document.addEventListener("securitypolicyviolation", (event) => {
  window.refused = [...(window.refused ?? []), `${event.violatedDirective} ${event.blockedURI}`];
});
"""
INJECTED = """
const script = document.createElement("script");
script.textContent = "window.injected = true";
document.body.append(script);
"""
COUNTER = "tradingsite_csp_reports_total"
WITHIN_S = 10.0


def reported(site: Stack) -> float:
    """How many reports the site has counted."""
    with urllib.request.urlopen(f"{site.url}/metrics", timeout=10) as answer:
        lines = answer.read().decode().splitlines()
    return sum(float(line.split()[-1]) for line in lines if line.startswith(COUNTER))


def test_no_page_of_the_tour_breaks_its_policy(visit: Visit, person: Person, site: Stack) -> None:
    before = reported(site)
    page = visit("/about/", storage_state=person.state)
    page.context.add_init_script(LISTEN)
    refused: list[Any] = []
    for path in (*PUBLIC, *OWN, *ENTRANCE, "/api/v1/docs/"):
        page.goto(path)
        page.wait_for_timeout(100)
        refused += page.evaluate("window.refused ?? []")
    assert refused == []
    assert reported(site) == before


def test_an_injected_script_does_not_run_and_is_reported(browser: Browser, site: Stack) -> None:
    before, until = reported(site), time.monotonic() + WITHIN_S
    context = browser.new_context(base_url=site.url)
    page = context.new_page()
    page.goto("/about/")
    page.evaluate(INJECTED)
    assert page.evaluate("window.injected") is None
    while reported(site) == before and time.monotonic() < until:
        page.wait_for_timeout(100)
    context.close()
    assert reported(site) > before
