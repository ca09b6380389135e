"""The simulated market: the same for everybody, and plausible."""

import itertools
from datetime import UTC, date, datetime
from decimal import Decimal
from math import log, sqrt
from statistics import pstdev

import pytest

from market.feeds import bundled, market_time, replay

FRIDAY = int(datetime(2026, 11, 20, 10, 0, tzinfo=UTC).timestamp())
SATURDAY = int(datetime(2026, 11, 21, 10, 0, tzinfo=UTC).timestamp())
HOUR_S, DAY_S = 3600, 86_400
SYMBOLS = ("EUR-USD", "USD-JPY", "USD-HKD", "EUR-GBP", "BTC-USD", "DOGE-USD", "USDT-USD")


def moves(symbol: str, start: int, step_s: int, count: int) -> list[float]:
    path = [replay.mid(symbol, start + step * step_s) for step in range(count + 1)]
    return [log(after / before) for before, after in itertools.pairwise(path)]


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_the_same_second_says_the_same_in_any_order(symbol: str) -> None:
    forwards = [replay.tick(symbol, FRIDAY + second) for second in range(20)]
    backwards = [replay.tick(symbol, FRIDAY + second) for second in reversed(range(20))]
    assert forwards == backwards[::-1]


def test_it_is_what_it_was_when_this_was_written() -> None:
    tick = replay.tick("BTC-USD", FRIDAY)
    assert (tick.bid, tick.ask) == ("72392.2", "72414.0")


def test_another_seed_is_another_market() -> None:
    assert replay.mid("BTC-USD", FRIDAY, seed=2) != replay.mid("BTC-USD", FRIDAY)


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_bid_is_below_ask_around_the_middle(symbol: str) -> None:
    for second in range(FRIDAY, FRIDAY + 7 * DAY_S, 3601):
        tick = replay.tick(symbol, second)
        bid, ask = Decimal(str(tick.bid)), Decimal(str(tick.ask))
        assert 0 < bid < ask
        assert (ask - bid) / bid < Decimal("0.001")
        assert bid <= Decimal(replay.mid(symbol, second)) <= ask


@pytest.mark.parametrize("day", [date(2026, 10, 29), date(2024, 2, 29), date(2008, 10, 10)])
def test_fiat_passes_through_the_fixings(day: date) -> None:
    known = bundled.series()["JPY"]
    fixed = known.rates[known.days.index(day.toordinal())]
    second = int(datetime(day.year, day.month, day.day, 13, 15, tzinfo=UTC).timestamp())
    assert replay.mid("USD-JPY", second) == pytest.approx(fixed, rel=1e-9)


def test_fiat_wanders_on_from_the_last_fixing() -> None:
    known = bundled.series()["EUR"]
    after = replay.mid("EUR-USD", FRIDAY) * known.rates[-1]
    assert 0.93 < after < 1.07
    assert after != 1


def test_a_cross_is_the_quotient_of_its_legs() -> None:
    legs = replay.mid("EUR-USD", FRIDAY) / replay.mid("GBP-USD", FRIDAY)
    assert replay.mid("EUR-GBP", FRIDAY) == pytest.approx(legs)


def test_a_pegged_currency_keeps_to_its_anchor() -> None:
    crosses = [replay.mid("EUR-DKK", FRIDAY + day * DAY_S) for day in range(0, 60, 5)]
    assert max(crosses) / min(crosses) < 1.01


def test_the_weekend_is_calm_but_not_closed() -> None:
    week = pstdev(moves("EUR-USD", FRIDAY, 60, 240))
    weekend = pstdev(moves("EUR-USD", SATURDAY, 60, 240))
    assert 0 < weekend < week / 3
    said = {replay.tick("EUR-USD", SATURDAY + minute * 60).bid for minute in range(60)}
    assert len(said) > 10


def test_the_spread_of_fiat_widens_at_the_weekend() -> None:
    def width(second: int) -> Decimal:
        tick = replay.tick("EUR-USD", second)
        return Decimal(str(tick.ask)) - Decimal(str(tick.bid))

    assert width(SATURDAY) > 3 * width(FRIDAY)


def test_fiat_is_as_lively_as_its_last_year_of_fixings() -> None:
    rates = bundled.series()["EUR"].rates[-250:]
    fixed = pstdev(log(b / a) for a, b in itertools.pairwise(rates))
    simulated = moves("EUR-USD", FRIDAY, 7 * DAY_S, 120)
    assert 0.6 < pstdev(simulated) / (fixed * sqrt(5)) < 1.6


def test_coins_are_as_lively_as_they_are_meant_to_be() -> None:
    daily = pstdev(moves("BTC-USD", FRIDAY, DAY_S, 500))
    assert 0.7 < daily / replay.COINS["BTC"].daily < 1.3


def test_a_stablecoin_stays_at_its_peg() -> None:
    path = [replay.mid("USDT-USD", FRIDAY + hour * HOUR_S) for hour in range(2000)]
    assert 0.996 < min(path) < max(path) < 1.004


def test_no_second_jumps() -> None:
    assert max(abs(move) for move in moves("DOGE-USD", FRIDAY, 1, 2000)) < 0.003


def test_daily_candles_lie_on_the_same_path() -> None:
    days = replay.candles("EUR-USD", FRIDAY, days=31)
    assert len(days) == 31
    for before, after in itertools.pairwise(days):
        assert before.close == after.open
        low, high = float(str(after.low)), float(str(after.high))
        assert low <= min(float(str(after.open)), float(str(after.close))) <= high
    assert float(str(days[-1].close)) == pytest.approx(replay.mid("EUR-USD", FRIDAY), rel=1e-7)


def test_it_knows_nothing_of_strangers() -> None:
    assert not replay.knows("XYZ-USD")
    assert next(iter(replay.ticks(["XYZ-USD", "BTC-USD"], FRIDAY))).symbol == "BTC-USD"


def test_market_time_runs_on_and_slower_at_night() -> None:
    at = [market_time.market_seconds(FRIDAY + hour * HOUR_S) for hour in range(24 * 14)]
    steps = [after - before for before, after in itertools.pairwise(at)]
    assert min(steps) > 0
    assert market_time.pace(FRIDAY) > market_time.pace(FRIDAY - 6 * HOUR_S)
    assert market_time.pace(FRIDAY - 6 * HOUR_S) > market_time.pace(SATURDAY)
