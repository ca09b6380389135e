"""Are changes, ranges and volatility what their definitions say?"""

import math
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from statistics import stdev

import pyarrow.parquet as pq

from market import figures
from market.candles import Candle
from tests import recorded

TODAY = date(2026, 10, 30)
D = Decimal
PRICES = ("open", "high", "low", "close")


def day(ago: int, close: str, *, low: str = "", high: str = "") -> Candle:
    at = datetime.combine(TODAY - timedelta(days=ago), datetime.min.time(), UTC)
    prices = (D(close), D(high or close), D(low or close), D(close))
    return Candle(1, "reference", "1d", at, *prices)


def changes(days: list[Candle], price: str = "1.10") -> dict[str, Decimal | None]:
    known = figures.of(days, price=D(price), on=TODAY).changes
    return {one.label: one.percent for one in known}


def test_changes_are_against_the_close_of_that_day() -> None:
    days = [day(365, "1.00"), day(30, "1.25"), day(7, "0.88"), day(1, "1.00")]
    assert changes(days) == {"Day": 10, "Week": 25, "30 days": -12, "1 year": 10}


def test_a_day_without_a_close_takes_the_last_one_before_it() -> None:
    week = figures.of([day(9, "1.00"), day(1, "1.05")], price=D("1.10"), on=TODAY).changes[1]
    assert week == figures.Change("Week", D(10), TODAY - timedelta(days=9), D("1.00"))


def test_it_says_nothing_where_the_last_close_is_too_old() -> None:
    assert changes([day(20, "1.00")]) == dict.fromkeys(("Day", "Week", "30 days", "1 year"))


def test_the_present_day_is_not_compared_with_itself() -> None:
    assert changes([day(1, "1.00"), day(0, "1.08")])["Day"] == 10


def test_without_a_price_there_is_no_change_but_a_range() -> None:
    known = figures.of([day(1, "1.00", low="0.9", high="1.2")], price=None, on=TODAY)
    assert known.changes[0].percent is None
    assert known.year == figures.Range(D("0.9"), D("1.2"), None, TODAY - timedelta(days=1))


def test_the_range_of_a_year_leaves_older_days_out_and_counts_the_present_price() -> None:
    days = [day(370, "9"), day(365, "1.0", low="0.8", high="1.0"), day(1, "1.0")]
    year = figures.of(days, price=D("1.2"), on=TODAY).year
    assert year == figures.Range(D("0.8"), D("1.2"), D(1))


def test_the_range_of_less_than_a_year_says_since_when() -> None:
    days = [day(ago, "1.0") for ago in range(400, 0, -1)]
    of_a_year = figures.of(days, price=D(1), on=TODAY).year
    of_two_months = figures.of(days[-60:], price=D(1), on=TODAY).year
    assert of_a_year is not None
    assert of_two_months is not None
    assert of_a_year.since is None
    assert of_two_months.since == TODAY - timedelta(days=60)


def test_volatility_is_the_scaled_deviation_of_daily_log_returns() -> None:
    prices = [1 + 0.01 * math.sin(step) for step in range(40)]
    days = [day(40 - step, f"{price:.12f}") for step, price in enumerate(prices)]
    known = figures.of(days, price=D(1), on=TODAY)
    last = prices[-31:]
    returns = [math.log(b / a) for a, b in pairwise(last)]
    assert known.volatility is not None
    assert abs(float(known.volatility) - 100 * stdev(returns) * math.sqrt(365)) < 1e-6


def test_the_still_weekend_of_a_venue_open_round_the_clock_changes_nothing() -> None:
    days = [day(ago, f"{1 + 0.01 * (ago % 3)}", low="0.9", high="1.1") for ago in range(60, 0, -1)]
    working = [one for one in days if one.open_time.weekday() < 5]
    week, all_days = (
        figures.of(told, price=D(1), on=TODAY, trading_hours="fx_week") for told in (working, days)
    )
    assert (week.volatility, week.usual_range) == (all_days.volatility, all_days.usual_range)
    assert week.year_days == 252


def test_volatility_needs_twenty_returns() -> None:
    days = [day(20 - step, "1.0") for step in range(20)]
    assert figures.of(days, price=D(1), on=TODAY).volatility is None
    assert figures.of([day(21, "1.0"), *days], price=D(1), on=TODAY).volatility == 0


def test_a_usual_range_is_the_median_of_days_that_have_one() -> None:
    days = [day(3, "1", low="1", high="1.01"), day(2, "1", low="1", high="1.05"), day(1, "1")]
    assert figures.of(days, price=D(1), on=TODAY).usual_range == 3
    assert figures.of([day(1, "1")], price=D(1), on=TODAY).usual_range is None


def test_the_recorded_year_of_bitcoin_has_a_plausible_volatility() -> None:
    table = pq.read_table(recorded.path("crypto/binance_BTC-USDT_1d_2017-2021.parquet"))
    days = [
        Candle(1, "binance", "1d", row["timestamp"], *(D(str(row[name])) for name in PRICES))
        for row in table.to_pylist()
    ]
    on = days[-1].open_time.date() + timedelta(days=1)
    known = figures.of(days, price=days[-1].close, on=on, trading_hours="always")
    assert known.volatility is not None
    assert 60 < known.volatility < 130  # January 2021
    assert known.changes[3].percent is not None
    assert known.changes[3].percent > 300
