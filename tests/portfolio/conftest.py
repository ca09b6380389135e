"""What every test of money finds: an empty set of books, and a market with live prices."""

import pytest

from tests.portfolio import prices


@pytest.fixture
def market(db: None) -> None:
    """Live prices of the instruments in `prices.MIDS`."""
    prices.publish_all()
