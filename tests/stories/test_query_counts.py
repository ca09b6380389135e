"""How many queries does each page and list take? A committed number each: a loop is a difference.

After a change that is meant, run `UPDATE_COUNTS=1 pytest tests/stories/test_query_counts.py` and
read what changed in `tests/query_counts.json`.
"""

import json
import os
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from portfolio import conversion_quotes
from tests import cast
from tests.stories import every_url
from tests.stories.conftest import offer
from tests.stories.every_url import VISITORS, Visitor

pytestmark = pytest.mark.django_db
BASELINE = Path(__file__).parents[1] / "query_counts.json"
QUERIES_MAX = 30
ALICE, DANA = (VISITORS.index(name) for name in ("alice", "dana"))


def pages() -> list[tuple[str, int]]:
    """Every address that is shown to Alice, or to staff alone, and to whom."""
    shown = []
    for address, methods in every_url.read().items():
        statuses = methods.get("GET", ("405",) * len(VISITORS))
        who = next((who for who in (ALICE, DANA) if statuses[who] == "200"), None)
        if who is not None:
            shown.append((address, who))
    return shown


def count(visitor: Visitor, path: str) -> int:
    """Queries of the second time the page is opened: what is kept for some seconds is there."""
    client = Client()
    client.cookies.load(dict(visitor.cookies))
    client.get(path)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert client.get(path).status_code == 200, path
    return len(asked)


@pytest.fixture
def busy(alice: User) -> None:
    """Alice has converted a few times: more rows must not mean more queries."""
    for number in range(5):
        quote = offer(alice, cast.account_of(alice))
        conversion_quotes.accept(
            user=alice, quote_id=quote.public_id, key=f"busy{number}", request_hash="0" * 64
        )


def test_no_page_asks_more_often_than_it_did(
    visitors: list[Visitor], values: dict[str, str], busy: None
) -> None:
    counted = {
        address: count(visitors[who], every_url.fill(address, values)) for address, who in pages()
    }
    if os.environ.get("UPDATE_COUNTS"):
        BASELINE.write_text(json.dumps(counted, indent=1) + "\n")
    assert counted == json.loads(BASELINE.read_text()), __doc__
    assert max(counted.values()) <= QUERIES_MAX
