"""Does one get a file of everything that is one's own: asked for, packed by the worker, saved?"""

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.people import sign_up
from tests.tradingsite.stack import Stack

pytestmark = pytest.mark.browser


def test_the_page_packs_what_is_ones_own_and_hands_it_out(
    browser: Browser, site: Stack, visit: Callable[..., Page], tmp_path: Path
) -> None:
    address = f"http://127.0.0.1:{site.port}"
    yuna = sign_up(browser, address, name="yuna", state=tmp_path / "state.json")
    page = visit("/settings/data/", storage_state=yuna.state, width=375)
    page.get_by_role("button", name="Pack my data").click()
    expect(page.get_by_text("Your file is ready.")).to_be_visible(timeout=15_000)
    with page.expect_download() as saved:
        page.get_by_role("link", name="Download my data").click()
    saved.value.save_as(tmp_path / "mine.zip")
    with zipfile.ZipFile(tmp_path / "mine.zip") as file:
        assert file.testzip() is None
        assert "yuna" in file.read("person.json").decode()
