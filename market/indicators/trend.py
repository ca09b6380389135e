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
    rise, fall = np.diff(bars.high), np.diff(bars.low)
    np.negative(fall, out=fall)
    rises, falls = rise > fall, fall > rise
    for moves, are_larger in ((rise, rises), (fall, falls)):
        moves *= are_larger
        np.maximum(moves, 0, out=moves)
    swing = wilder(talib.TRANGE(bars.high, bars.low, bars.close)[1:], length)
    for line, moves in ((plus, rise), (minus, fall)):
        line[1:] = _share(wilder(moves, length), swing)
    strength = plus - minus
    np.abs(strength, out=strength)
    index[length:] = wilder(_share(strength, plus + minus)[length:], length)
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
    """`part` in per cent of `whole`, 0 where nothing moved at all; `part` is used up."""
    if whole.all():
        part /= whole
    else:
        np.divide(part, whole, out=part, where=whole != 0)
    part *= 100
    return part
