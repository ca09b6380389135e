"""Are the last thirty days drawn from the right closes, in the board's direction?"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.cache import cache
from django.db import connection

from core import clock
from core.errors import Code, Refused
from core.push import redis_client
from market import candle_store, catalog, fixings, sparklines
from market.candles import Candle
from market.fixings import Fixing
from market.simulation import SIMULATED
from tests.market.said import MIDNIGHT, NOON

pytestmark = pytest.mark.django_db
D = Decimal


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    redis_client().delete(SIMULATED)
    with clock.frozen(NOON):
        yield
    redis_client().delete(SIMULATED)


def fix(**rates: tuple[str, ...]) -> None:
    """Rates per 1 EUR, the last one of yesterday."""
    length = max(map(len, rates.values()))
    days = [
        Fixing(
            (MIDNIGHT - timedelta(days=length - place)).date(),
            {code: D(values[place]) for code, values in rates.items()},
        )
        for place in range(length)
    ]
    with connection.cursor() as cursor:
        fixings.store(cursor, days)


def close(symbol: str, *closes: str, source: str = "kraken") -> None:
    """Daily closes, the last one of yesterday, and a candle that still forms."""
    pair = catalog.instrument(symbol)
    days = [
        Candle(pair.id, source, "1d", MIDNIGHT - timedelta(days=ago), *[D(value)] * 4)
        for ago, value in enumerate(("9", *reversed(closes)))
    ]
    with connection.cursor() as cursor:
        candle_store.write(cursor, days)


def test_fiat_lines_are_units_per_one_base_from_the_fixings() -> None:
    fix(USD=("1.0", "1.25"), JPY=("160", "150"))
    assert sparklines.closes("USD")["JPY"] == (D(160), D(120))
    assert sparklines.closes("USD")["EUR"] == (D(1), D("0.8"))
    assert sparklines.closes("eur")["JPY"] == (D(160), D(150))
    assert sparklines.closes("JPY")["EUR"] == (D("0.00625"), D("0.006666666667"))


def test_a_coin_is_its_price_in_the_base() -> None:
    fix(USD=("1.0", "1.25"))
    close("BTC-USD", "60000", "70000")
    assert sparklines.closes("USD")["BTC"] == (D(60000), D(70000))
    assert sparklines.closes("EUR")["BTC"] == (D(60000), D(56000))


def test_days_of_candles_are_nearer_than_fixings() -> None:
    fix(USD=("1.0", "1.25"))
    close("EUR-USD", "1.1", "1.6")
    assert sparklines.closes("USD")["EUR"] == (D("0.9090909091"), D("0.625"))


def test_several_sources_close_at_their_median() -> None:
    for source, value in (("kraken", "60000"), ("coinbase", "60010"), ("binance", "1")):
        close("BTC-USD", value, value, source=source)
    assert sparklines.closes("USD")["BTC"] == (D(60000), D(60000))


def test_simulated_and_real_days_never_mix() -> None:
    close("BTC-USD", "60000", "60000")
    close("BTC-USD", "10", "20", source="simulated")
    assert sparklines.closes("USD")["BTC"] == (D(60000), D(60000))
    redis_client().set(SIMULATED, '["BTC-USD"]')
    assert sparklines.closes("SEK") == {}
    with clock.frozen(NOON + timedelta(seconds=1)):
        fix(USD=("1.0", "1.0"))
        assert sparklines.closes("EUR")["BTC"] == (D(10), D(20))


def test_without_redis_the_lines_stay_those_of_the_market_last_heard_of(
    lose_redis: Callable[[], None],
) -> None:
    close("BTC-USD", "60000", "60000")
    close("BTC-USD", "10", "20", source="simulated")
    redis_client().set(SIMULATED, '["BTC-USD"]')
    before = sparklines.closes("USD")["BTC"]
    cache.clear()
    lose_redis()
    assert sparklines.closes("USD")["BTC"] == before == (D(10), D(20))


def test_without_redis_there_are_no_lines_of_a_market_nobody_knows(
    lose_redis: Callable[[], None],
) -> None:
    close("BTC-USD", "60000", "60000")
    cache.clear()
    lose_redis()
    assert sparklines.closes("USD") == {}


def test_a_line_has_thirty_days_at_most() -> None:
    fix(USD=tuple("1" for _ in range(40)), JPY=tuple(str(100 + n) for n in range(40)))
    line = sparklines.closes("USD")["JPY"]
    assert (len(line), line[0], line[-1]) == (30, D(110), D(139))


def test_an_unknown_base_is_refused() -> None:
    with pytest.raises(Refused) as refusal:
        sparklines.closes("XXX")
    assert refusal.value.code == Code.UNKNOWN_CURRENCY
