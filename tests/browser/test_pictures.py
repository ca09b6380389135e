"""The pictures of the README. `PICTURES=1 ./test tests/browser/test_pictures.py` makes them anew;
an ordinary run leaves them in build/pictures/."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.people import Person
from tests.browser.test_board import Visit, streaming
from tradingsite.datafolder import PROJECT

pytestmark = pytest.mark.browser
FOR_README = "PICTURES" in os.environ
WARM_UP_MS = 60_000  # until every row has its day and its month


def picture(page: Page, name: str) -> Path:
    folder = PROJECT / ("docs" if FOR_README else "build/pictures")
    folder.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=folder / name)
    return folder / name


def test_the_board_has_its_picture(visit: Visit) -> None:
    page = streaming(visit(height=900))
    page.click("[data-hint-close]")
    page.wait_for_timeout(WARM_UP_MS if FOR_README else 500)
    page.reload()
    streaming(page)
    page.wait_for_timeout(1500)
    assert picture(page, "board.png").stat().st_size > 50_000


def test_converting_has_its_picture(visit: Visit, person: Person) -> None:
    page = visit("/convert/?from=USD&to=CHF", height=900, storage_state=person.state)
    page.fill("input[inputmode=decimal] >> nth=0", "2 423.00")
    page.wait_for_selector("[data-quote]")
    assert picture(page, "convert.png").stat().st_size > 30_000
