"""How are lines smoothed? TA-Lib without the pandas it would pull in, and Wilder's average."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import numpy as np

from market.indicators.bars import Array


@contextmanager
def _without(*names: str) -> Iterator[None]:
    """Make libraries that are not loaded yet look absent: TA-Lib would load them, 100 MB more."""
    hidden = [name for name in names if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]


with _without("pandas", "polars"):
    talib: Any = import_module("talib")


def ema(line: Array, length: int) -> Array:
    """Exponential average, seeded by the mean of the first `length` values; NaN before."""
    average: Array = talib.EMA(line, length)
    return average


def wilder(line: Array, length: int) -> Array:
    """Wilder's average: weight 1/length, seeded by the mean of the first `length` values.

    It is the exponential average of twice the length; a run of the seed in front makes it begin
    where Wilder begins.
    """
    if len(line) < length:
        return np.full(len(line), np.nan)
    twice = 2 * length - 1
    seeded = np.concatenate([np.full(twice, line[:length].mean()), line[length:]])
    smooth: Array = talib.EMA(seeded, twice)[length - 1 :]
    return smooth


def delayed(line: Array, by: int) -> Array:
    """The line as it stood `by` candles ago."""
    earlier = np.empty(len(line))
    earlier[:by] = np.nan
    earlier[by:] = line[: max(len(line) - by, 0)]
    return earlier


def ratio(part: Array, whole: Array) -> Array:
    """`part / whole`, NaN where there is nothing to divide by; `part` is used up."""
    with np.errstate(divide="ignore", invalid="ignore"):
        part /= whole
    if not whole.all():
        part[whole == 0] = np.nan
    return part
