"""A news stand on this machine: feeds are read from it as from anywhere."""

from collections.abc import Iterator

import pytest
from pytest_django.fixtures import Settings

from core.push import redis_client
from market import catalog
from tests.far_side import FarSide, far_side


@pytest.fixture
def stand(settings: Settings) -> Iterator[FarSide]:
    """A web server whose address may be fetched, and no feed configured yet."""
    settings.FETCH_ALLOWED = ["127.0.0.1/32"]
    settings.NEWS_FEEDS, settings.NEWSAPI_KEY, settings.COINS_URL = [], "", ""
    catalog.forget()
    for key in redis_client().scan_iter("market:listing:*"):
        redis_client().delete(key)
    with far_side() as server:
        yield server
    catalog.forget()
