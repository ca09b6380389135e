"""How has a price moved? Changes over a day to a year, its year's range, and its volatility."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, timedelta
from decimal import Decimal
from itertools import pairwise
from statistics import median

from market.candles import Candle
from market.sessions import SATURDAY

SPANS = (("Day", 1), ("Week", 7), ("30 days", 30), ("1 year", 365))
GAP_MAX = timedelta(days=6)  # a close that much older than asked for is no close of that day
YEAR = timedelta(days=365)
RETURNS, RETURNS_MIN = 30, 20  # daily returns that volatility is taken from
USUAL_DAYS = 30
YEAR_DAYS = {"fx_week": 252, "always": 365}  # days a year on which a price moves
HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class Change:
    """The way from the close of the day `since` to now, in percent; None where it has no close."""

    label: str
    percent: Decimal | None
    since: date | None
    close: Decimal | None


@dataclass(frozen=True, slots=True)
class Range:
    """The lowest and highest price of a year, and where the price stands between (0 to 1).

    `since` is the first day known where that is less than a year ago.
    """

    low: Decimal
    high: Decimal
    place: Decimal | None
    since: date | None = None


@dataclass(frozen=True, slots=True)
class KeyFigures:
    """What the days say of a price.

    `volatility` is the sample standard deviation of the last 30 daily log returns, times the root
    of the days a year has for it, in percent; None with fewer than 20 returns. `usual_range` is
    the median way from low to high of the last 30 days, in percent of their closes; None where
    the days have one price only, as fixings do. The still days of an FX weekend, which venues open
    round the clock tell, count in neither.
    """

    changes: tuple[Change, ...]
    year: Range | None
    volatility: Decimal | None
    year_days: int
    usual_range: Decimal | None


def of(
    days: Sequence[Candle], *, price: Decimal | None, on: date, trading_hours: str = "always"
) -> KeyFigures:
    """The figures of a price on a day, by the daily candles before it, oldest first."""
    past = [day for day in days if _date(day) < on]
    year_days = YEAR_DAYS[trading_hours]
    working = [day for day in past if trading_hours == "always" or _date(day).weekday() < SATURDAY]
    return KeyFigures(
        changes=tuple(_change(label, length, past, price, on) for label, length in SPANS),
        year=_year(past, price, on),
        volatility=_volatility(working, year_days),
        year_days=year_days,
        usual_range=_usual_range(working),
    )


def _change(
    label: str, length: int, past: Sequence[Candle], price: Decimal | None, on: date
) -> Change:
    wanted = on - timedelta(days=length)
    found = next((day for day in reversed(past) if _date(day) <= wanted), None)
    if found is None or price is None or wanted - _date(found) > GAP_MAX:
        return Change(label, None, None, None)
    return Change(label, HUNDRED * (price / found.close - 1), _date(found), found.close)


def _year(past: Sequence[Candle], price: Decimal | None, on: date) -> Range | None:
    """The range of 52 weeks, the present price included; None without a day in them."""
    within = [day for day in past if _date(day) >= on - YEAR]
    if not within:
        return None
    own = [] if price is None else [price]
    low = min([*own, *(day.low for day in within)])
    high = max([*own, *(day.high for day in within)])
    place = None if price is None or high == low else (price - low) / (high - low)
    first = _date(within[0])
    return Range(low, high, place, first if first > on - YEAR + GAP_MAX else None)


def _volatility(past: Sequence[Candle], year_days: int) -> Decimal | None:
    closes = [day.close for day in past[-RETURNS - 1 :]]
    returns = [(after / before).ln() for before, after in pairwise(closes)]
    if len(returns) < RETURNS_MIN:
        return None
    mean = sum(returns, Decimal(0)) / len(returns)
    squares = sum(((one - mean) ** 2 for one in returns), Decimal(0))
    return HUNDRED * (squares / (len(returns) - 1) * year_days).sqrt()


def _usual_range(past: Sequence[Candle]) -> Decimal | None:
    ways = [(day.high - day.low) / day.close for day in past[-USUAL_DAYS:] if day.high > day.low]
    return HUNDRED * median(ways) if ways else None


def _date(day: Candle) -> date:
    return day.open_time.astimezone(UTC).date()
