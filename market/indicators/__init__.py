"""What are an indicator's values over a row of candles? Pure functions over numpy and TA-Lib.

Definitions: averages are seeded by the plain mean of their first candles, Wilder's smoothing too;
bands use the population's deviation. Where a value would be divided by no movement at all there is
none (NaN), and candles that lack a figure are passed over, not guessed.
"""

from collections.abc import Callable, Mapping

import numpy as np

from market.indicators import averages, bands, momentum, trend, volume
from market.indicators.bars import Array, Bars, Mask, bars_of
from market.studies import Study

__all__ = ["Array", "Bars", "bars_of", "compute", "newest"]

Lines = dict[str, Array]
FORMULAS: Mapping[str, Callable[..., Lines]] = {
    "sma": averages.sma,
    "ewma": averages.ewma,
    "macd": averages.macd,
    "bollinger": bands.bollinger,
    "keltner": bands.keltner,
    "donchian": bands.donchian,
    "ichimoku": bands.ichimoku,
    "fibonacci": bands.fibonacci,
    "rsi": momentum.rsi,
    "stochastic": momentum.stochastic,
    "cci": momentum.cci,
    "williams": momentum.williams,
    "roc": momentum.roc,
    "adx": trend.adx,
    "aroon": trend.aroon,
    "sar": trend.sar,
    "atr": trend.atr,
    "obv": volume.obv,
    "mfi": volume.mfi,
    "vwap": volume.vwap,
}


def compute(study: Study, bars: Bars, parameters: Mapping[str, float]) -> Lines:
    """Every output of an indicator, one value per candle; NaN where there is none."""
    usable = _usable(study, bars)
    if usable is None:
        return _formula(study, bars, parameters)
    found = _formula(study, bars.where(usable), parameters)
    lines = {name: np.full(len(bars), np.nan) for name in found}
    for name, line in found.items():
        lines[name][usable] = line
    return lines


def newest(study: Study, bars: Bars, parameters: Mapping[str, float]) -> dict[str, float]:
    """The outputs at the last candle alone, from no more candles than it depends on."""
    usable, reach = _usable(study, bars), study.reach(parameters)
    if usable is not None and usable[-1]:
        bars = bars.where(usable)
    if reach is not None:
        bars = bars.last(reach + study.warm_up(parameters) + 1)
    return {name: float(line[-1]) for name, line in compute(study, bars, parameters).items()}


def _usable(study: Study, bars: Bars) -> Mask | None:
    """Which candles have what the indicator reads; None where all have."""
    return bars.traded if study.needs_volume else bars.priced


def _formula(study: Study, bars: Bars, parameters: Mapping[str, float]) -> Lines:
    if not len(bars):
        return {output.name: np.empty(0) for output in study.outputs}
    return FORMULAS[study.name](bars, **parameters)
