"""Between which lines does the price move? Bands, channels, the cloud and retracements."""

import numpy as np

from market.indicators.bars import Array, Bars
from market.indicators.smoothing import delayed, ema, ratio, talib
from market.indicators.trend import atr as average_range

RETRACED = {"r236": 0.236, "r382": 0.382, "r500": 0.5, "r618": 0.618, "r786": 0.786}


def bollinger(bars: Bars, *, length: int, deviations: float) -> dict[str, Array]:
    """Bollinger's bands: population deviation around the mean close."""
    middle = talib.SMA(bars.close, length)
    band = deviations * deviation(bars.close, length)
    lower = middle - band
    percent_b = ratio(bars.close - lower, 2 * band)
    return {
        "middle": middle,
        "upper": middle + band,
        "lower": lower,
        "percent_b": percent_b,
        "width": 2 * band / middle,
    }


def deviation(line: Array, length: int) -> Array:
    """Population deviation of `length` values.

    TA-Lib takes squares from squares and calls a variance below 10^-14 zero; measured from the
    middle and in its own scale no price is too large or too small for that.
    """
    centre, scale = line.mean(), line.std()
    if not scale > 0:
        return np.where(np.arange(len(line)) < length - 1, np.nan, 0.0)
    spread: Array = talib.STDDEV((line - centre) / scale, length) * scale
    return spread


def keltner(bars: Bars, *, length: int, atr: int, multiplier: float) -> dict[str, Array]:
    """Keltner's channel in Raschke's form: exponential mean, average true range."""
    middle = ema(bars.close, length)
    band = multiplier * average_range(bars, length=atr)["atr"]
    return {"middle": middle, "upper": middle + band, "lower": middle - band}


def donchian(bars: Bars, *, length: int) -> dict[str, Array]:
    """Donchian's channel: extremes of `length` candles, the newest included."""
    upper, lower = talib.MAX(bars.high, length), talib.MIN(bars.low, length)
    return {"upper": upper, "middle": (upper + lower) / 2, "lower": lower}


def ichimoku(bars: Bars, *, conversion: int, base: int, span: int) -> dict[str, Array]:
    """Hosoda's cloud. Its spans stand where they are drawn, `base` candles after they are known."""
    turning, standard = (donchian(bars, length=length)["middle"] for length in (conversion, base))
    leading_a, leading_b = (turning + standard) / 2, donchian(bars, length=span)["middle"]
    return {
        "conversion": turning,
        "base": standard,
        "leading_a": leading_a,
        "leading_b": leading_b,
        "span_a": delayed(leading_a, base),
        "span_b": delayed(leading_b, base),
    }


def fibonacci(bars: Bars, *, length: int) -> dict[str, Array]:
    """Levels between the extremes of `length` candles, counted back from the later of the two."""
    high, low = np.full(len(bars), np.nan), np.full(len(bars), np.nan)
    lines = {"high": high, **{name: high.copy() for name in RETRACED}, "low": low}
    if len(bars) < length:
        return lines
    top, bottom = talib.MAXINDEX(bars.high, length), talib.MININDEX(bars.low, length)
    top, bottom = top[length - 1 :], bottom[length - 1 :]
    high[length - 1 :], low[length - 1 :] = bars.high[top], bars.low[bottom]
    rose = np.zeros(len(bars), dtype=bool)
    rose[length - 1 :] = top >= bottom
    start, back = np.where(rose, high, low), np.where(rose, low - high, high - low)
    for name, part in RETRACED.items():
        lines[name] = start + part * back
    return lines
