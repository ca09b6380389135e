"""Is there a trend, how strong, and how wide does the price swing?"""

import numpy as np

from market.indicators.bars import Array, Bars
from market.indicators.smoothing import talib, wilder


def atr(bars: Bars, *, length: int) -> dict[str, Array]:
    """Wilder's average true range."""
    return {"atr": talib.ATR(bars.high, bars.low, bars.close, length)}


def adx(bars: Bars, *, length: int) -> dict[str, Array]:
    """Wilder's directional movement; TA-Lib seeds its sums one candle short, so not by TA-Lib."""
    plus, minus, index = (np.full(len(bars), np.nan) for _ in range(3))
    lines = {"plus_di": plus, "minus_di": minus, "adx": index}
    if len(bars) <= length:
        return lines
    up, down = np.diff(bars.high), -np.diff(bars.low)
    rise, fall = np.where(up > down, up, 0), np.where(down > up, down, 0)
    moves = (np.maximum(rise, 0), np.maximum(fall, 0))
    swing = wilder(talib.TRANGE(bars.high, bars.low, bars.close)[1:], length)
    plus[1:], minus[1:] = (100 * _share(wilder(move, length), swing) for move in moves)
    strength = 100 * _share(np.abs(plus - minus), plus + minus)
    index[length:] = wilder(strength[length:], length)
    return lines


def aroon(bars: Bars, *, length: int) -> dict[str, Array]:
    """Chande's Aroon; none where nothing moved in the whole window."""
    down, up = talib.AROON(bars.high, bars.low, length)
    still = bars.is_still(length + 1)
    if still is not None:
        down[still] = up[still] = np.nan
    return {"up": up, "down": down, "oscillator": up - down}


def sar(bars: Bars, *, acceleration: float, maximum: float) -> dict[str, Array]:
    """Wilder's parabolic stop and reverse."""
    return {"sar": talib.SAR(bars.high, bars.low, acceleration, maximum)}


def _share(part: Array, whole: Array) -> Array:
    """`part / whole`, where no movement at all has no direction: 0."""
    return np.divide(part, whole, out=np.where(whole == 0, 0.0, np.nan), where=whole > 0)
