"""A real Chromium on the real stack with the simulated market; every test fails on a fault that
the browser's console names, refused inline code included."""

import json
import os
import re
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import redis
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from tests.browser.in_process import live_site, window  # noqa: F401
from tests.browser.people import Person, sign_up
from tests.tradingsite.stack import Stack, wait_until

CHROMIUM_FLAGS = ["--no-sandbox", "--disable-background-networking"]
WAIT_MS = 15_000
EXPECTED = re.compile(
    r"status of (403|404|409|422)|ERR_(CONNECTION_REFUSED|INTERNET_DISCONNECTED)|WebSocket"
)


@pytest.fixture(scope="package")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The whole site with FEEDS=replay, in a data folder of its own."""
    with Stack(tmp_path_factory.mktemp("site") / "data") as stack:
        wait_until(lambda: is_trading(stack), timeout_s=60)
        yield stack


def is_trading(stack: Stack) -> bool:
    """Whether the simulated market has spoken of every row of the board."""
    address = f"http://127.0.0.1:{stack.port}/api/v1/quotes/?base=USD"
    with suppress(OSError), urllib.request.urlopen(address, timeout=5) as answer:
        return all(row["state"] == "live" for row in json.load(answer)["results"])
    return False


@pytest.fixture(scope="package")
def browser(chromium_path: str) -> Iterator[Browser]:
    """One Chromium for this folder's tests."""
    # Playwright holds an event loop in this thread; Django would refuse the database.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium_path, args=CHROMIUM_FLAGS)
        yield opened
        opened.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def visit(browser: Browser, site: Stack) -> Iterator[Callable[..., Page]]:
    """Open a page as a new visitor; `visit("/", width=375, ...)`. Ends by reading the console.

    What it says beyond EXPECTED is a fault, unless the test names it: `expected="ERR_…"`.
    """
    contexts: list[BrowserContext] = []
    faults: list[str] = []
    forget_earlier_visitors(site)

    def open_page(
        path: str = "/",
        *,
        width: int = 1440,
        height: int = 900,
        expected: str | None = None,
        **options: object,
    ) -> Page:
        context = browser.new_context(
            base_url=f"http://127.0.0.1:{site.port}",
            viewport={"width": width, "height": height},
            **options,  # type: ignore[arg-type]
        )
        context.set_default_timeout(WAIT_MS)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: faults.extend(fault_of(message, expected)))
        page.on("pageerror", lambda error: faults.append(f"{page.url}: {error}"))
        page.goto(path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not faults, "\n".join(faults)


def forget_earlier_visitors(site: Stack) -> None:
    """All tests come from one address, whose requests a minute the site counts."""
    with redis.Redis.from_url(site.data.redis_url) as store:
        for counter in store.scan_iter("throttle:address:*"):
            store.delete(counter)


def fault_of(message: ConsoleMessage, also_expected: str | None) -> list[str]:
    """What the console complains of; what is missing or refused on purpose is no fault."""
    text = message.text
    is_expected = EXPECTED.search(text) or (also_expected and re.search(also_expected, text))
    return [text] if message.type == "error" and not is_expected else []


@pytest.fixture(scope="package")
def person(browser: Browser, site: Stack, tmp_path_factory: pytest.TempPathFactory) -> Person:
    """Somebody who has signed up; `visit(storage_state=person.state)` comes back as them."""
    state = tmp_path_factory.mktemp("person") / "state.json"
    return sign_up(browser, f"http://127.0.0.1:{site.port}", name="mara", state=Path(state))
