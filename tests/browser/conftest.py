"""A real Chromium on a real server; every page's console is listened to."""

import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from tests import chromium
from tradingsite import launcher
from tradingsite.datafolder import PROJECT

ARGUMENTS = ("--no-sandbox", "--headless", "--disable-background-networking")
STYLES = PROJECT / "static" / "css" / "app.css"


@dataclass
class Visit:
    """One browser window with its own cookies; `complaints` is what its console said,
    `secret` what the person's code app knows."""

    context: BrowserContext
    page: Page
    site: str
    complaints: list[str] = field(default_factory=list)
    secret: str = ""

    def go(self, path: str) -> Page:
        """Open a page of the site."""
        self.page.goto(f"{self.site}{path}")
        return self.page


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The one Chromium of the run."""
    program = chromium.path()
    if program is None or not STYLES.exists():
        pytest.skip("no Chromium, or the front end is not built: ./test brings both")
    # Playwright holds an event loop in this thread; Django would refuse the flush after each test.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=list(ARGUMENTS))
        yield started
        started.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(scope="session")
def site(django_db_setup: None) -> Iterator[str]:
    """The address of the live process, by name: browsers keep passkeys for names only."""
    listening = launcher.listen("127.0.0.1", 0)
    server = launcher.Server(launcher.config())
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    yield f"http://localhost:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join()


@pytest.fixture
def visit(browser: Browser, site: str) -> Iterator[Visit]:
    """A window that must have had nothing to complain about when the test ends."""
    context = browser.new_context()
    opened = Visit(context, context.new_page(), site)
    listen(opened)
    yield opened
    context.close()
    assert not opened.complaints


def listen(opened: Visit) -> None:
    """Collect errors, warnings and violations of the content security policy."""

    def note(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            opened.complaints.append(message.text)

    opened.page.on("console", note)
    opened.page.on("pageerror", lambda error: opened.complaints.append(str(error)))
