"""Where has the price been on the whole? Averages, and the distance of two of them."""

import numpy as np

from market.indicators.bars import Array, Bars
from market.indicators.smoothing import ema, talib


def sma(bars: Bars, *, length: int) -> dict[str, Array]:
    """Mean close of `length` candles."""
    return {"sma": talib.SMA(bars.close, length)}


def ewma(bars: Bars, *, length: int) -> dict[str, Array]:
    """Exponential mean close, weight 2/(length+1)."""
    return {"ewma": ema(bars.close, length)}


def macd(bars: Bars, *, fast: int, slow: int, signal: int) -> dict[str, Array]:
    """Appel's MACD; each average is seeded on its own first candles (TA-Lib begins both late)."""
    line, smooth = ema(bars.close, fast), np.full(len(bars), np.nan)
    line -= ema(bars.close, slow)
    if len(line) >= slow:
        smooth[slow - 1 :] = ema(line[slow - 1 :], signal)
    return {"macd": line, "signal": smooth, "histogram": line - smooth}
