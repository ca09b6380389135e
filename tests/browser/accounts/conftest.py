"""A server on the test database for the browser; every page's console is listened to."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

from tradingsite import launcher


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
