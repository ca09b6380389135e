"""The live process inside the test's own, on the test database: mails and rows can be looked at."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

from tradingsite import launcher


@dataclass
class Window:
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


@pytest.fixture(scope="package")
def live_site(django_db_setup: None) -> Iterator[str]:
    """The address of the live process, by name: browsers keep passkeys for names only."""
    listening = launcher.listen("127.0.0.1", 0)
    server = launcher.Server(launcher.config())
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    yield f"http://localhost:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join()


@pytest.fixture
def window(browser: Browser, live_site: str) -> Iterator[Window]:
    """A window that must have had nothing to complain about when the test ends."""
    with opened_window(browser, live_site) as opened:
        yield opened


@contextmanager
def opened_window(browser: Browser, live_site: str) -> Iterator[Window]:
    """A browser of its own, and no complaints until the block ends."""
    context = browser.new_context()
    opened = Window(context, context.new_page(), live_site)
    listen(opened)
    yield opened
    context.close()
    assert not opened.complaints, "\n".join(opened.complaints)


def listen(opened: Window) -> None:
    """Collect errors, warnings and violations of the content security policy."""

    def note(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            opened.complaints.append(message.text)

    opened.page.on("console", note)
    opened.page.on("pageerror", lambda error: opened.complaints.append(str(error)))
