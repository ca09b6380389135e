"""Is the best of all candles chosen, closed ones only, with what is missing said?"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from core import clock
from core.errors import Code, Refused
from core.push import redis_client
from market import candle_store, candles, catalog, rollup
from market.candles import Candle, Series
from market.gaps import Gap
from market.simulation import SIMULATED
from tests.market.said import MIDNIGHT, NOON, after

pytestmark = pytest.mark.django_db
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
D = Decimal


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    redis_client().delete(SIMULATED)
    with clock.frozen(NOON):
        yield
    redis_client().delete(SIMULATED)


def store(
    price: str,
    source: str = "reference",
    *,
    at: datetime = NOON - HOUR,
    interval: str = "1h",
    symbol: str = "BTC-USD",
    volume: str | None = None,
    closed: bool = True,
    minutes: int | None = None,
) -> Candle:
    """One flat candle."""
    flat, traded = D(price), None if volume is None else D(volume)
    figures = (flat, flat, flat, flat, traded)
    pair = catalog.instrument(symbol)
    one = Candle(pair.id, source, interval, at, *figures, closed=closed, minutes=minutes)
    with connection.cursor() as cursor:
        candle_store.replace(cursor, [one])
    return one


def hours(**wish: object) -> Series:
    return candles.series("BTC-USD", "1h", **wish)  # type: ignore[arg-type]


def roll(start: datetime = MIDNIGHT, end: datetime = NOON) -> None:
    pair = catalog.instrument("BTC-USD")
    with connection.cursor() as cursor:
        rollup.roll(cursor, [pair.id], ["reference", "kraken"], start=start, end=end)


def said(found: Series) -> list[tuple[Decimal, str]]:
    return [(one.close, one.source) for one in found.candles]


def test_our_own_price_comes_first_then_the_venues_in_order_then_what_was_imported() -> None:
    for price, source in (("4", "archive"), ("3", "coinbase"), ("2", "kraken"), ("1", "reference")):
        store(price, source)
        assert said(hours()) == [(D(price), source)]


def test_a_volume_comes_from_the_first_source_that_has_one() -> None:
    store("1", "reference")
    store("2", "coinbase", volume="20")
    store("3", "archive", volume="30")
    (one,) = hours().candles
    assert (one.close, one.volume) == (D(1), D(20))


@pytest.mark.parametrize(("minutes", "volume"), [(3, 20), (54, 1), (60, 1), (None, 1)])
def test_a_volume_of_too_few_minutes_gives_way_to_a_whole_one(
    minutes: int | None, volume: int
) -> None:
    store("1", "reference")
    store("2", "kraken", volume="1", minutes=minutes)
    store("3", "coinbase", volume="20")
    (one,) = hours().candles
    assert (one.close, one.volume) == (D(1), D(volume))


def test_a_volume_of_too_few_minutes_is_better_than_none() -> None:
    store("1", "reference")
    store("2", "kraken", volume="1", minutes=3)
    store("3", "coinbase")
    assert [one.volume for one in hours().candles] == [D(1)]


def test_an_hour_with_missing_minutes_comes_after_a_venues_whole_one() -> None:
    store("1", "reference", minutes=59)
    assert said(hours()) == [(D(1), "reference")]
    store("2", "coinbase")
    assert said(hours()) == [(D(2), "coinbase")]


def test_what_is_not_closed_is_never_among_the_closed() -> None:
    store("1", closed=False)
    store("2", "kraken", at=NOON)
    assert hours().candles == ()


def test_the_candle_that_forms_is_made_of_the_minutes_so_far() -> None:
    for minute, price in enumerate(("5", "7", "4", "6")):
        at = NOON + timedelta(minutes=minute)
        store(price, interval="1m", at=at, closed=minute < 3)
    with clock.frozen(NOON + timedelta(minutes=3, seconds=30)):
        one = hours().forming
    assert one is not None
    assert not one.closed
    assert [one.open, one.high, one.low, one.close] == [5, 7, 4, 6]
    assert one.open_time == NOON


def forming(interval: str) -> Candle:
    found = candles.series("BTC-USD", interval).forming
    assert found is not None
    return found


def test_a_minute_that_we_missed_is_the_venues_in_the_candle_that_forms() -> None:
    store("5", interval="1m", at=NOON, closed=False)
    store("9", "kraken", interval="1m", at=NOON, volume="4")
    store("6", interval="1m", at=NOON + timedelta(minutes=1))
    store("8", "kraken", interval="1m", at=NOON + timedelta(minutes=1), volume="3")
    with clock.frozen(NOON + timedelta(minutes=2)):
        one = forming("1h")
    assert (one.open, one.high, one.low, one.close, one.volume) == (D(9), D(9), D(6), D(6), D(7))
    assert one.source == "reference"


def store_day(source: str, *prices: str, volume: str | None) -> None:
    """What a source says of the day that is not over."""
    opened, high, low, close = map(D, prices)
    traded = None if volume is None else D(volume)
    pair = catalog.instrument("BTC-USD")
    figures = (opened, high, low, close, traded)
    day = Candle(pair.id, source, "1d", MIDNIGHT, *figures, closed=False)
    with connection.cursor() as cursor:
        candle_store.write(cursor, [day])


def test_the_day_that_forms_has_what_the_venues_say_of_the_time_before_us() -> None:
    store("6", interval="1m", at=NOON - timedelta(minutes=1))
    store_day("kraken", "3", "20", "2", "5", volume=None)
    store_day("coinbase", "4", "10", "1", "5", volume="50")
    one = forming("1d")
    assert (one.open, one.high, one.low, one.close) == (D(3), D(15), D("1.5"), D(6))
    assert (one.volume, one.source) == (D(50), "reference")


def test_a_day_seen_from_its_first_minute_opens_as_we_saw_it() -> None:
    store("6", interval="1m", at=MIDNIGHT)
    store_day("kraken", "3", "20", "2", "5", volume="1")
    assert (forming("1d").open, forming("1d").high) == (D(6), D(20))


def test_the_simulated_day_that_forms_has_nothing_of_a_real_one() -> None:
    redis_client().set(SIMULATED, '["BTC-USD"]')
    store("6", "simulated", interval="1m", at=NOON - timedelta(minutes=1))
    store_day("kraken", "3", "20", "2", "5", volume="1")
    assert (forming("1d").high, forming("1d").volume) == (D(6), None)


def test_the_past_comes_page_by_page_with_nothing_forming() -> None:
    for ago in range(1, 6):
        store(str(ago), at=NOON - ago * HOUR)
    page = hours(limit=2)
    older = hours(limit=2, end=page.candles[0].open_time)
    assert [one.close for one in (*older.candles, *page.candles)] == [4, 3, 2, 1]
    assert older.forming is None


def test_one_sources_own_candles_are_given_when_asked_for() -> None:
    store("1", "reference")
    store("2", "kraken")
    assert said(hours(source="kraken")) == [(D(2), "kraken")]
    assert said(hours(source="coinbase")) == []


def test_it_refuses_a_source_nobody_knows() -> None:
    with pytest.raises(Refused, match="`source` is one of binance, "):
        hours(source="nobody")


def test_simulated_and_real_candles_never_mix() -> None:
    store("1", "reference")
    store("9", "simulated")
    assert (said(hours()), hours().simulated) == ([(D(1), "reference")], False)
    redis_client().set(SIMULATED, '["BTC-USD"]')
    assert (said(hours()), hours().simulated) == ([(D(9), "simulated")], True)


def test_without_redis_a_simulated_series_stays_simulated(
    lose_redis: Callable[[], None],
) -> None:
    store("1", "reference")
    store("9", "simulated")
    redis_client().set(SIMULATED, '["BTC-USD"]')
    before = hours()
    lose_redis()
    assert said(hours()) == said(before) == [(D(9), "simulated")]


def test_without_redis_it_refuses_where_it_never_knew_which_market(
    lose_redis: Callable[[], None],
) -> None:
    store("1", "reference")
    lose_redis()
    with pytest.raises(Refused) as refusal:
        hours()
    assert refusal.value.code is Code.NOT_READY


def test_days_of_simulated_fiat_are_the_real_fixings() -> None:
    redis_client().set(SIMULATED, '["EUR-USD"]')
    day = MIDNIGHT - timedelta(days=1)
    store("1.1", "ecb", symbol="EUR-USD", interval="1d", at=day)
    store("1.3", "simulated", symbol="EUR-USD", interval="1d", at=day)
    found = candles.series("eur/usd", "1d")
    assert (said(found), found.simulated) == ([(D("1.1"), "ecb")], False)


@pytest.mark.parametrize(
    ("symbol", "interval", "limit", "code"),
    [
        ("XXX-USD", "1h", 5, Code.NOT_FOUND),
        ("BTC-USD", "2h", 5, Code.MALFORMED),
        ("BTC-USD", "1h", 0, Code.MALFORMED),
        ("BTC-USD", "1h", 5001, Code.MALFORMED),
    ],
)
def test_it_refuses_what_there_is_not(symbol: str, interval: str, limit: int, code: Code) -> None:
    with pytest.raises(Refused) as refusal:
        candles.series(symbol, interval, limit=limit)
    assert refusal.value.code == code


def counted(sizes: list[int]) -> Any:
    """Note how many rows every statement had to do with."""

    def note(execute: Any, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        answer = execute(sql, params, many, context)
        sizes.append(context["cursor"].rowcount)
        return answer

    return note


class TestRollup:
    def test_minutes_become_hours_and_days(self) -> None:
        for minute in range(120):
            store(str(100 + minute), interval="1m", at=MIDNIGHT + timedelta(minutes=minute))
        roll()
        (*_, last) = hours().candles
        assert [last.open, last.high, last.low, last.close] == [160, 219, 160, 219]
        quarter = candles.series("BTC-USD", "15m").candles
        assert [one.minutes for one in quarter] == [15] * 8
        assert candles.series("BTC-USD", "1d").candles == ()

    def test_rolling_up_again_changes_nothing(self) -> None:
        for minute in range(60):
            store("1", "kraken", interval="1m", at=MIDNIGHT + minute * HOUR / 60, volume="2")
        roll()
        first = hours()
        roll()
        assert hours() == first
        assert [one.volume for one in first.candles] == [120]

    def test_minutes_that_did_not_run_whole_are_left_out(self) -> None:
        store("1", interval="1m", at=MIDNIGHT)
        store("9", interval="1m", at=MIDNIGHT + timedelta(minutes=1), closed=False)
        roll()
        (one,) = candles.series("BTC-USD", "5m").candles
        assert (one.high, one.minutes) == (D(1), 1)

    def test_years_of_minutes_are_rolled_up_by_many_small_statements(self) -> None:
        pair, days, sizes = catalog.instrument("BTC-USD").id, 40, list[int]()
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO market_candle SELECT %s, 'kraken', '1m', at, 1, 2, 1, 2, 1, true"
                " FROM generate_series(%s, %s, interval '1 min') AS at",
                [pair, MIDNIGHT - timedelta(days), MIDNIGHT - MINUTE],
            )
            with connection.execute_wrapper(counted(sizes)):
                start = MIDNIGHT - timedelta(days)
                rollup.roll(cursor, [pair], ["kraken"], start=start, end=MIDNIGHT)
        assert max(sizes) <= rollup.AT_ONCE / 5
        found = candles.series("BTC-USD", "1d", end=MIDNIGHT).candles
        assert [one.minutes for one in found] == [1440] * days

    def test_an_hour_that_a_venue_said_is_not_overwritten(self) -> None:
        store("5", "kraken", at=MIDNIGHT, volume="7")
        store("1", "kraken", interval="1m", at=MIDNIGHT)
        roll()
        (one,) = hours(source="kraken").candles
        assert (one.close, one.volume) == (D(5), D(7))

    def test_an_hour_that_is_not_over_waits(self) -> None:
        store("1", interval="1m", at=NOON)
        roll(end=after(300))
        with clock.frozen(after(3600)):
            assert hours().candles == ()
        roll(end=after(3600))
        with clock.frozen(after(3600)):
            assert len(hours().candles) == 1

    def test_the_writer_goes_on_where_it_stopped(self) -> None:
        with connection.cursor() as cursor:
            rollup.advance(cursor, at=NOON)
            store("1", interval="1m", at=NOON)
            rollup.advance(cursor, at=after(240))
            rollup.advance(cursor, at=after(8 * 3600))
        with clock.frozen(after(8 * 3600)):
            assert [one.open_time for one in hours().candles] == [NOON]


class TestGaps:
    def test_missing_hours_are_said_with_their_reason(self) -> None:
        store("1", at=NOON - 5 * HOUR)
        store("1", at=NOON - 2 * HOUR)
        store("1", at=NOON - HOUR)
        (gap,) = hours().gaps
        assert (gap.start, gap.end) == (NOON - 4 * HOUR, NOON - 2 * HOUR)
        assert "not recorded" in gap.reason

    def test_a_silence_up_to_now_is_a_gap(self) -> None:
        store("1", at=NOON - 3 * HOUR)
        assert [(one.start, one.end) for one in hours().gaps] == [(NOON - 2 * HOUR, NOON)]

    def test_an_hour_of_one_minute_stands_in_a_gap_that_says_so(self) -> None:
        store("1", interval="1m", at=NOON - HOUR)
        roll()
        assert len(hours().candles) == 1
        assert hours().gaps == (Gap(NOON - HOUR, NOON, "only 1 of 60 minutes"),)

    def test_an_hour_that_misses_a_few_minutes_is_none(self) -> None:
        store("1", minutes=54)
        assert hours().gaps == ()

    def test_minutes_in_which_the_market_was_closed_are_not_missed(self) -> None:
        friday = datetime.fromisoformat("2026-11-13T20:00Z")  # two hours before the weekend
        store("1", symbol="EUR-USD", interval="4h", at=friday, minutes=115)
        with clock.frozen(friday + 4 * HOUR):
            assert candles.series("EUR-USD", "4h").gaps == ()

    def test_a_weekend_of_fx_is_none_but_one_of_crypto_is(self) -> None:
        friday = datetime.fromisoformat("2026-11-13T21:00Z")
        sunday = datetime.fromisoformat("2026-11-15T22:00Z")
        for symbol in ("EUR-USD", "BTC-USD"):
            store("1", symbol=symbol, at=friday)
            store("1", symbol=symbol, at=sunday)
        with clock.frozen(sunday + HOUR):
            assert candles.series("EUR-USD", "1h").gaps == ()
            assert len(hours().gaps) == 1

    def test_four_hours_that_were_open_in_part_are_missed(self) -> None:
        friday = datetime.fromisoformat("2026-11-13T16:00Z")
        monday = datetime.fromisoformat("2026-11-16T00:00Z")
        for at in (friday, monday):
            store("1", symbol="EUR-USD", interval="4h", at=at)
        with clock.frozen(monday + 4 * HOUR):
            found = candles.series("EUR-USD", "4h").gaps
        assert [(one.start, one.end) for one in found] == [
            (friday + 4 * HOUR, friday + 8 * HOUR),
            (monday - 4 * HOUR, monday),
        ]

    def test_a_silence_of_years_is_one_gap_and_not_one_for_each_week(self) -> None:
        first = datetime.fromisoformat("2005-03-09T10:00Z")
        for at in (first, NOON - HOUR):
            store("1", symbol="EUR-USD", at=at)
        found = candles.series("EUR-USD", "1h").gaps
        assert [(one.start, one.end) for one in found] == [(first + HOUR, NOON - HOUR)]

    def test_no_hour_is_missing_or_doubled_when_clocks_change(self) -> None:
        spring = datetime.fromisoformat("2026-03-28T00:00Z")
        for hour in range(72):
            store("1", symbol="BTC-USD", at=spring + hour * HOUR)
        with clock.frozen(spring + timedelta(days=3)):
            assert (len(hours().candles), hours().gaps) == (72, ())

    def test_fixings_skip_holidays_without_a_gap(self) -> None:
        for day in ("2026-04-02", "2026-04-07", "2026-04-20"):
            at = datetime.fromisoformat(f"{day}T00:00Z")
            store("1.1", "ecb", symbol="USD-SEK", interval="1d", at=at)
        with clock.frozen(datetime.fromisoformat("2026-04-21T09:00Z")):
            (gap, *_) = candles.series("USD-SEK", "1d").gaps
        assert f"{gap.start:%d}" == "08"
