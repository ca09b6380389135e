"""What do signals look at, and what is one? Candles with their indicators, and an event."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from market.indicators import Array, Bars
from market.indicators.bars import Mask
from market.indicators.smoothing import delayed
from market.studies import shelf

Direction = Literal["up", "down", "none"]
Places = NDArray[np.int64]
DAY_S = 86_400
LONGEST_WEEKEND_S = 4 * DAY_S


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened at the candle `place`, with the figures that show it.

    `strength` from 0 (just so) to 1 (far beyond what the rule asks for).
    """

    place: int
    kind: str
    direction: Direction
    strength: float
    sentence: str
    evidence: Mapping[str, str]


@dataclass(frozen=True)
class Market:
    """Closed candles with the values of their indicators, in the layout of the shelf."""

    bars: Bars
    table: Array

    def line(self, name: str) -> Array:
        """An output such as `rsi.rsi`, one value a candle."""
        column: Array = self.table[:, shelf.PLACES[name] - 1]
        return column

    @cached_property
    def atr(self) -> Array:
        """The usual range of a candle: what "far" means here."""
        return self.line("atr.atr")

    def joined(self, count: int) -> Mask:
        """Which candles follow the `count - 1` before them without a gap."""
        time = self.bars.time
        steps = np.diff(time)
        step = int(steps.min()) if len(steps) else 0
        longest = step if step < DAY_S else LONGEST_WEEKEND_S
        unbroken = np.concatenate([[False], steps <= longest])
        gaps = np.cumsum(~unbroken)
        whole = np.arange(len(time)) >= count - 1
        before = np.concatenate([np.zeros(count - 1, dtype=gaps.dtype), gaps])[: len(gaps)]
        unparted: Mask = whole & (gaps == before)
        return unparted


def flips(line: Array, band: Array) -> tuple[Places, Places]:
    """Where a line has passed from below -band to above band, and the other way round."""
    side = np.where(line > band, 1, np.where(line < -band, -1, 0))
    state = _carried(side)
    turned = state[1:] * state[:-1] == -1
    places = np.flatnonzero(turned) + 1
    return places[state[places] == 1], places[state[places] == -1]


def begins(on: Mask, off: Mask) -> Places:
    """Where something begins that had ended before: `on` after `off`, whatever lies between."""
    state = _carried(np.where(on, 1, np.where(off, -1, 0)))
    return np.flatnonzero((state[1:] == 1) & (state[:-1] == -1)) + 1


def before(line: Array) -> Array:
    """The line one candle earlier."""
    return delayed(line, 1)


def grade(value: float, low: float, high: float) -> float:
    """Where `value` stands from `low` (0) to `high` (1)."""
    return round(float(min(max((value - low) / (high - low), 0.0), 1.0)), 3)


def _carried(side: NDArray[np.int64]) -> NDArray[np.int64]:
    """Each value, or the last one that was not 0."""
    place = np.maximum.accumulate(np.where(side != 0, np.arange(len(side)), 0))
    carried: NDArray[np.int64] = side[place]
    return carried
