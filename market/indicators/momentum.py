"""How fast does the price move, and how far is it stretched?"""

import numpy as np

from market.indicators.bars import Array, Bars, Mask, runs_unchanged
from market.indicators.smoothing import talib


def rsi(bars: Bars, *, length: int) -> dict[str, Array]:
    """Wilder's relative strength index; none where no close of the window differs."""
    line = talib.RSI(bars.close, length)
    if (line == 0).any():  # TA-Lib's word for a market without losses or gains, too
        line[(line == 0) & (runs_unchanged(bars.close) > length)] = np.nan
    return {"rsi": line}


def stochastic(bars: Bars, *, length: int, smooth: int, signal: int) -> dict[str, Array]:
    """Lane's slow stochastic with plain means; a window without range counts as its middle."""
    lowest, highest = talib.MIN(bars.low, length), talib.MAX(bars.high, length)
    span = highest - lowest
    with np.errstate(divide="ignore", invalid="ignore"):
        raw = 100 * (bars.close - lowest) / span
    raw[span == 0] = 50
    slow = talib.SMA(raw, smooth) if len(bars) >= length else raw
    signals = talib.SMA(slow, signal) if len(bars) >= length + smooth - 1 else slow.copy()
    return {"k": _moving(slow, bars.is_still(length)), "d": _moving(signals, bars.is_still(length))}


def cci(bars: Bars, *, length: int) -> dict[str, Array]:
    """Lambert's commodity channel index of the typical price."""
    line = talib.CCI(bars.high, bars.low, bars.close, length)
    return {"cci": _moving(line, bars.is_still(length))}


def williams(bars: Bars, *, length: int) -> dict[str, Array]:
    """Williams' %R."""
    line = talib.WILLR(bars.high, bars.low, bars.close, length)
    return {"williams": _moving(line, bars.is_still(length))}


def roc(bars: Bars, *, length: int) -> dict[str, Array]:
    """Change of the close in per cent."""
    return {"roc": talib.ROC(bars.close, length)}


def _moving(line: Array, still: Mask | None) -> Array:
    """The line without values where nothing moved at all."""
    if still is not None:
        line[still] = np.nan
    return line
