"""People of the browser tests: they sign up like anybody else."""

from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser

PASSWORD = "a long walk by the river 7"  # of a made-up person


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with an account; `state` holds the cookies of a signed-in browser."""

    name: str
    state: str


def sign_up(browser: Browser, url: str, *, name: str, state: Path) -> Person:
    """Open an account through the page for it."""
    context = browser.new_context(base_url=url)
    page = context.new_page()
    page.goto("/accounts/signup/")
    page.fill("input[name=username]", name)
    page.fill("input[name=email]", f"{name}@example.org")
    page.fill("input[name=password1]", PASSWORD)
    page.press("input[name=password1]", "Enter")
    page.wait_for_url("**/")
    context.storage_state(path=state)
    context.close()
    return Person(name, str(state))
