"""What happened since midnight UTC? High, low and the price before it, of every currency and cross.

Every currency is held as its worth in USD; the price of one currency in another is a quotient of
two worths at one moment, never of two extremes.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import combinations
from statistics import median
from typing import TypeVar

from core import clock
from core.money import significant
from market.candles import REFERENCE, SIMULATED, Candle
from market.catalog import HUB, InstrumentInfo
from market.quotes import PATH_DIGITS

COVERED = timedelta(minutes=1)  # who was there from the first minute has seen the whole day

NEAR_MIDNIGHT = timedelta(minutes=10)  # an older last price gives way to a source's daily close

Cross = tuple[str, str]
Minutes = list[Decimal | None]  # a worth at the end of each minute since midnight
Key = TypeVar("Key", str, Cross)


@dataclass(slots=True)
class Range:
    """Extremes since a moment."""

    high: Decimal
    low: Decimal
    since: datetime

    def note(self, value: Decimal) -> None:
        """Widen the range to include a value."""
        if value > self.high:
            self.high = value
        elif value < self.low:
            self.low = value


@dataclass(frozen=True, slots=True)
class Seed:
    """What a source's daily candles say: today's extremes, yesterday's close."""

    high: Decimal | None = None
    low: Decimal | None = None
    previous: Decimal | None = None


@dataclass(frozen=True, slots=True)
class DayStats:
    """Of a price: today's high and low, the last one before midnight, what is covered."""

    high: Decimal | None = None
    low: Decimal | None = None
    previous: Decimal | None = None
    since: datetime | None = None

    def inverted(self) -> "DayStats":
        """The same of the price turned upside down."""
        return DayStats(_over(self.low), _over(self.high), _over(self.previous), self.since)


@dataclass(slots=True)
class Today:
    """One UTC day of every currency; `simulated` names those the simulated market prices."""

    starts: datetime
    simulated: frozenset[str] = frozenset()
    ranges: dict[str, Range] = field(default_factory=dict)
    crosses: dict[Cross, Range] = field(default_factory=dict)
    previous: dict[str, Decimal] = field(default_factory=dict)
    older: dict[str, Decimal] = field(default_factory=dict)
    seeds: dict[str, dict[str, Seed]] = field(default_factory=dict)

    def note(self, worths: Mapping[str, Decimal], *, moved: Iterable[str], at: datetime) -> None:
        """Take in the worths of all currencies that are live, some of which have just moved."""
        for code in moved:
            _widen(self.ranges, code, worths[code], at)
            for other, worth in worths.items():
                if other != code:
                    pair = (code, other) if code < other else (other, code)
                    ratio = worths[code] / worth if code < other else worth / worths[code]
                    _widen(self.crosses, pair, ratio, at)

    def roll(self, worths: Mapping[str, Decimal], *, at: datetime) -> None:
        """Begin a new day: the worths known now are the last ones before midnight."""
        self.starts = clock.midnight(at)
        self.previous = dict(worths)
        self.ranges, self.crosses, self.seeds, self.older = {}, {}, {}, {}

    def forget(self, code: str) -> None:
        """Drop what is known of a currency: its price comes from elsewhere from now on."""
        self.ranges.pop(code, None)
        self.previous.pop(code, None)
        self.older.pop(code, None)
        self.crosses = {pair: seen for pair, seen in self.crosses.items() if code not in pair}

    def seed(self, pair: InstrumentInfo, candle: Candle) -> None:
        """Learn from a source's daily candle of today or yesterday."""
        code, inverted = worth_of(pair)
        known = self.seeds.setdefault(code, {})
        before = known.get(candle.source, Seed())
        high, low, close = candle.high, candle.low, candle.close
        if inverted:
            high, low, close = 1 / low, 1 / high, 1 / close
        if candle.open_time == self.starts:
            known[candle.source] = Seed(high, low, before.previous)
        elif candle.open_time == self.starts - timedelta(days=1):
            known[candle.source] = Seed(before.high, before.low, close)

    def stats(self, base: str, quote: str) -> DayStats:
        """Of the price of `base` in `quote`."""
        if quote == HUB:
            return self._in_hub(base)
        if base == HUB:
            return self._in_hub(quote).inverted()
        if base > quote:
            return self.stats(quote, base).inverted()
        seen = self.crosses.get((base, quote))
        before, worth = self._before(base), self._before(quote)
        previous = before / worth if before and worth else None
        if seen is None:
            return DayStats(previous=previous)
        return DayStats(seen.high, seen.low, previous, self._uncovered(seen))

    def restore(self, ranges: Mapping[str, Range], minutes: Mapping[str, Minutes]) -> None:
        """Take in the stored day: extremes, and every currency's worth minute by minute."""
        self.ranges = dict(ranges)
        for one, two in combinations(sorted(minutes), 2):
            both = zip(minutes[one], minutes[two], strict=True)
            ratios = [
                (place, left / right) for place, (left, right) in enumerate(both) if left and right
            ]
            if ratios:
                values = [ratio for _, ratio in ratios]
                since = self.starts + timedelta(minutes=ratios[0][0])
                self.crosses[one, two] = Range(max(values), min(values), since)

    def recall(self, code: str, worth: Decimal, *, at: datetime) -> None:
        """Take in what a currency was last worth before the day began."""
        near = self.starts - at <= NEAR_MIDNIGHT
        (self.previous if near else self.older)[code] = worth

    def _in_hub(self, code: str) -> DayStats:
        seen, seeds = self.ranges.get(code), self._seeds(code)
        highs = [seed.high for seed in seeds if seed.high is not None]
        lows = [seed.low for seed in seeds if seed.low is not None]
        if seen is None and not highs:
            return DayStats(previous=self._before(code))
        high = [*([seen.high] if seen else []), *([median(highs)] if highs else [])]
        low = [*([seen.low] if seen else []), *([median(lows)] if lows else [])]
        since = None if highs or seen is None else self._uncovered(seen)
        return DayStats(max(high), min(low), self._before(code), since)

    def _before(self, code: str) -> Decimal | None:
        closes = [seed.previous for seed in self._seeds(code) if seed.previous is not None]
        known = self.previous.get(code) or (median(closes) if closes else None)
        return known or self.older.get(code)

    def _seeds(self, code: str) -> list[Seed]:
        """Seeds of the market that prices the currency now; simulated and real never mix."""
        simulated = code in self.simulated
        known = self.seeds.get(code, {})
        return [seed for source, seed in known.items() if (source == SIMULATED) == simulated]

    def _uncovered(self, seen: Range) -> datetime | None:
        return None if seen.since - self.starts <= COVERED else seen.since


def worth_of(pair: InstrumentInfo) -> tuple[str, bool]:
    """The currency that an instrument against USD is the worth of, and whether it is inverted."""
    return (pair.quote, True) if pair.base == HUB else (pair.base, False)


def minute_source(simulated: bool) -> str:  # noqa: FBT001
    """Under which source our own minutes are stored."""
    return SIMULATED if simulated else REFERENCE


def _widen(ranges: dict[Key, Range], key: Key, value: Decimal, at: datetime) -> None:
    seen = ranges.get(key)
    if seen is None:
        ranges[key] = Range(value, value, at)
    else:
        seen.note(value)


def _over(value: Decimal | None) -> Decimal | None:
    return None if value is None else significant(1 / value, PATH_DIGITS)
