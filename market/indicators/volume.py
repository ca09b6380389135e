"""Does volume go with the price?"""

import numpy as np
from numpy.typing import NDArray

from market.indicators.bars import Array, Bars
from market.indicators.smoothing import ratio, talib

DAY_S = 24 * 3600
STEPS = 100  # of the newest candles: the shortest of their steps is the interval
TINY = 1e-12  # TA-Lib's MFI calls a window's flow below 1 nothing; in this scale it is nothing


def obv(bars: Bars) -> dict[str, Array]:
    """Granville's on-balance volume, 0 at the first candle."""
    line = talib.OBV(bars.close, bars.volume)
    line -= bars.volume[0]
    return {"obv": line}


def mfi(bars: Bars, *, length: int) -> dict[str, Array]:
    """Quong and Soudack's money flow index; none where no money flowed either way."""
    most = bars.volume.max() * bars.typical.max()
    volume = bars.volume / (most * TINY) if most > 0 else bars.volume
    line = talib.MFI(bars.high, bars.low, bars.close, volume, length)
    if (line == 0).any():
        flows = np.concatenate([[False], np.diff(bars.typical) != 0]) & (bars.volume > 0)
        line[(line == 0) & (talib.SUM(flows.astype(float), length) == 0)] = np.nan
    return {"mfi": line}


def vwap(bars: Bars) -> dict[str, Array]:
    """Typical price weighed by volume since the UTC day began; of daily candles, the month."""
    is_daily = len(bars) < 2 or np.diff(bars.time[-STEPS:]).min() >= DAY_S
    session = _months(bars.time) if is_daily else bars.time // DAY_S
    begins = np.concatenate([[0], np.flatnonzero(session[1:] != session[:-1]) + 1])
    paid, volume = _since(begins, bars.typical * bars.volume), _since(begins, bars.volume)
    return {"vwap": ratio(paid, volume)}


def _since(begins: NDArray[np.int64], amounts: Array) -> Array:
    """Running sums that start anew at the places `begins`, the first of which is 0."""
    sums = np.cumsum(amounts)
    before = np.concatenate([[0.0], sums[begins[1:] - 1]])
    for start, end, already in zip(begins, [*begins[1:], len(sums)], before, strict=True):
        sums[start:end] -= already
    return sums


def _months(time: NDArray[np.int64]) -> NDArray[np.int64]:
    months: NDArray[np.int64] = (
        time.astype("datetime64[s]").astype("datetime64[M]").astype(np.int64)
    )
    return months
