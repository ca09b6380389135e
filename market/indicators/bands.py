"""Between which lines does the price move? Bands, channels, the cloud and retracements."""

import math

import numpy as np

from market.indicators.bars import Array, Bars
from market.indicators.smoothing import delayed, ema, ratio, talib
from market.indicators.trend import atr as average_range

RETRACED = {"r236": 0.236, "r382": 0.382, "r500": 0.5, "r618": 0.618, "r786": 0.786}


def bollinger(bars: Bars, *, length: int, deviations: float) -> dict[str, Array]:
    """Bollinger's bands: population deviation around the mean close."""
    middle = talib.SMA(bars.close, length)
    band = deviation(bars.close, length)
    band *= deviations
    upper, lower = middle + band, middle - band
    band *= 2
    return {
        "middle": middle,
        "upper": upper,
        "lower": lower,
        "percent_b": ratio(bars.close - lower, band),
        "width": ratio(band, middle),
    }


def deviation(line: Array, length: int) -> Array:
    """Population deviation of `length` values.

    TA-Lib takes squares from squares and calls a variance below 10^-14 zero; measured from the
    middle and in its own scale no price is too large or too small for that.
    """
    scaled = line - line.mean()
    scale = math.sqrt(float(np.dot(scaled, scaled)) / len(line))
    if not scale > 0:
        return np.where(np.arange(len(line)) < length - 1, np.nan, 0.0)
    scaled /= scale
    spread: Array = talib.STDDEV(scaled, length)
    spread *= scale
    return spread


def keltner(bars: Bars, *, length: int, atr: int, multiplier: float) -> dict[str, Array]:
    """Keltner's channel in Raschke's form: exponential mean, average true range."""
    middle = ema(bars.close, length)
    band = average_range(bars, length=atr)["atr"]
    band *= multiplier
    return {"middle": middle, "upper": middle + band, "lower": middle - band}


def donchian(bars: Bars, *, length: int) -> dict[str, Array]:
    """Donchian's channel: extremes of `length` candles, the newest included."""
    upper, lower = talib.MAX(bars.high, length), talib.MIN(bars.low, length)
    return {"upper": upper, "middle": _between(upper, lower), "lower": lower}


def ichimoku(bars: Bars, *, conversion: int, base: int, span: int) -> dict[str, Array]:
    """Hosoda's cloud. Its spans stand where they are drawn, `base` candles after they are known."""
    turning, standard, leading_b = (
        talib.MIDPRICE(bars.high, bars.low, length) for length in (conversion, base, span)
    )
    leading_a = _between(turning, standard)
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
    high, low = talib.MAX(bars.high, length), talib.MIN(bars.low, length)
    rose = talib.MAXINDEX(bars.high, length) >= talib.MININDEX(bars.low, length)
    start, back = np.where(rose, high, low), high - low
    back *= np.where(rose, -1.0, 1.0)
    lines = {"high": high}
    for name, part in RETRACED.items():
        lines[name] = back * part
        lines[name] += start
    return lines | {"low": low}


def _between(one: Array, other: Array) -> Array:
    middle = one + other
    middle /= 2
    return middle
