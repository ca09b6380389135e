"""The browser writes every figure exactly as the server does."""

from datetime import timedelta
from decimal import Decimal

import pytest

from core import clock
from tests.browser.test_board import Visit
from tradingsite.templatetags import figures

pytestmark = pytest.mark.browser
PRICES = (
    *("0.895094", "157.2501", "7.84569", "1380.254", "0.006359290", "0.0999996", "19.99996"),
    *("20", "999.9996", "1000", "68923.67", "88.2144", "1.34671", "0.000000123456", "10843211.53"),
)
CHANGES = ("0.361", "-0.384", "0.004", "-0.004", "0", "1234.5", "-0.005001")
SECONDS = (0.0, 0.42, 9.94, 12.7, 59.9, 60, 240, 3599, 3600, 80000)
WRITE = """async ([path, prices, changes, minutes]) => {
  const f = await import(path);
  return {
    parts: prices.map(([price, kind]) => f.priceParts(price, kind)),
    rates: prices.map(([price, kind]) => f.rate(price, kind)),
    short: prices.map(([price, kind]) => f.rateShort(price, kind)),
    changes: changes.map(f.percent).map(({ way, text }) => [way, text]),
    spans: minutes.map(f.span),
  };
}"""


def test_prices_changes_and_spans_are_written_alike(visit: Visit) -> None:
    page = visit("/about/")
    given = [[price, kind] for price in PRICES for kind in ("fiat", "crypto")]
    minutes = [0, 1, 59, 60, 388, 1439, 1440, 2760]
    script = "/static/js/figures.js"
    written = page.evaluate(WRITE, [script, given, list(CHANGES), minutes])
    assert written["parts"] == [list(figures.price_parts(Decimal(p), kind)) for p, kind in given]
    assert written["rates"] == [figures.rate(p, kind) for p, kind in given]
    assert written["short"] == [figures.rate_short(p, kind) for p, kind in given]
    assert written["changes"] == [[figures.direction(c), figures.percent_text(c)] for c in CHANGES]
    assert written["spans"] == [figures.span(timedelta(minutes=m)) for m in minutes]


def test_ages_are_written_alike(visit: Visit) -> None:
    page = visit("/about/")
    ages = "async (list) => list.map((await import('/static/js/figures.js')).age)"
    now = clock.now()
    with clock.frozen(now):
        expected = [figures.age(now - timedelta(seconds=seconds)) for seconds in SECONDS]
    assert page.evaluate(ages, list(SECONDS)) == expected
