"""Does volume go with the price?"""

import numpy as np

from market.indicators.bars import Array, Bars
from market.indicators.smoothing import ratio, talib

DAY_S = 24 * 3600
TINY = 1e-12  # TA-Lib's MFI calls a window's flow below 1 nothing; in this scale it is nothing


def obv(bars: Bars) -> dict[str, Array]:
    """Granville's on-balance volume, 0 at the first candle."""
    return {"obv": talib.OBV(bars.close, bars.volume) - bars.volume[0]}


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
    day = bars.time // DAY_S
    is_daily = len(bars) < 2 or np.diff(bars.time).min() >= DAY_S
    session = _months(bars.time) if is_daily else day
    begins = np.concatenate([[True], session[1:] != session[:-1]])
    paid = _since(begins, bars.typical * bars.volume)
    return {"vwap": ratio(paid, _since(begins, bars.volume))}


def _since(begins: np.ndarray, amounts: Array) -> Array:
    """Running sums that start anew where `begins`."""
    total = np.concatenate([[0.0], np.cumsum(amounts)])
    starts = np.flatnonzero(begins)
    before = np.repeat(total[starts], np.diff([*starts, len(amounts)]))
    sums: Array = total[1:] - before
    return sums


def _months(time: np.ndarray) -> np.ndarray:
    months: np.ndarray = time.astype("datetime64[s]").astype("datetime64[M]").astype(np.int64)
    return months
