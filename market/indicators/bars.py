"""What do indicators read? Candles as columns of numbers, oldest first."""

import math
from collections.abc import Container, Iterable
from dataclasses import dataclass, fields
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from market.candles import Candle

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
UNKNOWN = (np.nan,) * 5


@dataclass(frozen=True)
class Bars:
    """Candles of one interval; `time` is their opening in unix seconds. NaN: not known."""

    time: NDArray[np.int64]
    open: Array
    high: Array
    low: Array
    close: Array
    volume: Array

    def __len__(self) -> int:
        return len(self.close)

    def where(self, chosen: Mask | NDArray[np.int64] | slice) -> "Bars":
        """Some of the candles."""
        return Bars(*(getattr(self, field.name)[chosen] for field in fields(self)))

    def last(self, count: int) -> "Bars":
        """The newest `count` candles."""
        return self.where(slice(-count, None)) if count < len(self) else self

    def followed_by(self, others: "Bars") -> "Bars":
        """These candles and then the others."""
        names = [field.name for field in fields(self)]
        return Bars(*(np.append(getattr(self, name), getattr(others, name)) for name in names))

    @cached_property
    def priced(self) -> Mask | None:
        """Which candles have all four prices; None where all have."""
        return _known(self.open, self.high, self.low, self.close)

    @cached_property
    def traded(self) -> Mask | None:
        """Which candles have prices and a volume; None where all have."""
        return _known(self.open, self.high, self.low, self.close, self.volume)

    @cached_property
    def typical(self) -> Array:
        """The mean of high, low and close."""
        return (self.high + self.low + self.close) / 3

    @cached_property
    def still(self) -> NDArray[np.int64] | None:
        """For each candle, how many up to it did not move at all; None where all moved."""
        flat = self.high == self.low
        if not flat.any():
            return None
        flat &= self.low == self.close
        return _runs(flat, self.close) if flat.any() else None

    def is_still(self, length: int) -> Mask | None:
        """Which candles end `length` candles without any movement; None where none does."""
        return None if self.still is None else self.still >= length


def bars_of(candles: Iterable["Candle"], *, partial: Container[datetime] = frozenset()) -> Bars:
    """Stored candles, oldest first, as columns; nothing is known of those that are `partial`."""
    rows = [
        (
            one.open_time.timestamp(),
            *(UNKNOWN if one.open_time in partial else _figures(one)),
        )
        for one in candles
    ]
    table = np.array(rows, dtype=np.float64).reshape(-1, 6)
    time, *prices = (np.ascontiguousarray(column) for column in table.T)
    return Bars(time.astype(np.int64), *prices)


def _figures(one: "Candle") -> tuple[object, ...]:
    volume = np.nan if one.volume is None else one.volume
    return one.open, one.high, one.low, one.close, volume


def runs_unchanged(line: Array) -> NDArray[np.int64]:
    """For each value, how many up to it are equal, itself included."""
    return _runs(np.ones(len(line), dtype=bool), line)


def _runs(flat: Mask, level: Array) -> NDArray[np.int64]:
    """Lengths of runs of flat candles on one level; 0 where a candle is not flat."""
    place = np.arange(len(level))
    begins = np.ones(len(level), dtype=bool)
    begins[1:] = ~flat[1:] | ~flat[:-1] | (level[1:] != level[:-1])
    start = np.maximum.accumulate(np.where(begins, place, 0))
    return np.where(flat, place - start + 1, 0)


def _known(*columns: Array) -> Mask | None:
    """Where every column has a figure; None where all have, which one sum tells."""
    if all(math.isfinite(column.sum()) for column in columns):
        return None
    known = np.isfinite(np.sum(columns, axis=0))
    return None if known.all() else known
