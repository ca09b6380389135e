"""What do our definitions, gaps and flat markets cost over TA-Lib's bare calls?

All twenty indicators over one million candles, against the TA-Lib calls they are made of, in turns
in one run: `python bench/indicators.py [--candles N]`. Processor time, best of seven rounds: the
machine may be busy. Exit code 1 beyond the limit.
"""

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

sys.path[0] = str(Path(__file__).resolve().parent.parent)

from market import indicators
from market.indicators import Bars
from market.indicators.smoothing import talib
from market.studies import STUDIES

LIMIT = 2.0
ROUNDS = 7


def main() -> int:
    """Print one line an indicator and the ratio of all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--candles", type=int, default=1_000_000)
    options = parser.parse_args()
    bars = walk(options.candles)
    rounds = [measure(bars) for _ in range(ROUNDS)]
    print(f"{'indicator':12} {'ours ms':>9} {'bare ms':>9} {'ratio':>6}")
    total = {"ours": 0.0, "bare": 0.0}
    for name in STUDIES:
        ours, bare = (min(one[side][name] for one in rounds) * 1000 for side in (0, 1))
        total["ours"], total["bare"] = total["ours"] + ours, total["bare"] + bare
        print(f"{name:12} {ours:9.1f} {bare:9.1f} {ours / bare:6.2f}")
    ratio = total["ours"] / total["bare"]
    print(
        f"{'all':12} {total['ours']:9.1f} {total['bare']:9.1f} {ratio:6.2f}"
        f"  (limit {LIMIT:g}); {options.candles * len(STUDIES) / total['ours'] / 1000:.0f} million"
        " indicator values a second"
    )
    return int(ratio > LIMIT)


def walk(count: int) -> Bars:
    """Minutes of a random walk that also stands still and has no volume now and then."""
    random = np.random.default_rng(1)
    moves = random.normal(0, 0.0005, count)
    moves[random.random(count) < 0.02] = 0
    close = 1.1 * np.exp(np.cumsum(moves))
    opened = np.concatenate([close[:1], close[:-1]])
    high = np.maximum(opened, close) * (1 + random.exponential(0.0002, count))
    low = np.minimum(opened, close) * (1 - random.exponential(0.0002, count))
    time_ = np.arange(count, dtype=np.int64) * 60
    return Bars(time_, opened, high, low, close, random.exponential(10, count))


def measure(bars: Bars) -> tuple[dict[str, float], dict[str, float]]:
    """Seconds of each indicator, ours and bare in turns; nothing is worked out beforehand."""
    fresh = Bars(bars.time, bars.open, bars.high, bars.low, bars.close, bars.volume)
    ours, bare = {}, {}
    for name, study in STUDIES.items():
        ours[name] = timed(lambda study=study: indicators.compute(study, fresh, study.defaults))
        bare[name] = timed(lambda name=name: BARE[name](bars))
    return ours, bare


def timed(work: Callable[[], object]) -> float:
    """How long one call computes, in seconds of processor time."""
    began = time.process_time()
    work()
    return time.process_time() - began


def macd(bars: Bars) -> None:
    talib.MACD(bars.close)


def adx(bars: Bars) -> None:
    for function in (talib.ADX, talib.PLUS_DI, talib.MINUS_DI):
        function(bars.high, bars.low, bars.close)


def keltner(bars: Bars) -> None:
    talib.EMA(bars.close, 20)
    talib.ATR(bars.high, bars.low, bars.close, 10)


def ranges(*lengths: int) -> Callable[[Bars], None]:
    def run(bars: Bars) -> None:
        for length in lengths:
            talib.MAX(bars.high, length)
            talib.MIN(bars.low, length)

    return run


def fibonacci(bars: Bars) -> None:
    talib.MAXINDEX(bars.high, 120)
    talib.MININDEX(bars.low, 120)


def vwap(bars: Bars) -> None:
    paid = talib.TYPPRICE(bars.high, bars.low, bars.close)
    talib.SUM(talib.MULT(paid, bars.volume), 1440)
    talib.SUM(bars.volume, 1440)


BARE: dict[str, Callable[[Bars], object]] = {
    "sma": lambda bars: talib.SMA(bars.close, 20),
    "ewma": lambda bars: talib.EMA(bars.close, 20),
    "macd": macd,
    "vwap": vwap,
    "bollinger": lambda bars: talib.BBANDS(bars.close, 20),
    "keltner": keltner,
    "donchian": ranges(20),
    "ichimoku": ranges(9, 26, 52),
    "fibonacci": fibonacci,
    "rsi": lambda bars: talib.RSI(bars.close),
    "stochastic": lambda bars: talib.STOCH(bars.high, bars.low, bars.close, 14, 3, 0, 3, 0),
    "cci": lambda bars: talib.CCI(bars.high, bars.low, bars.close, 20),
    "mfi": lambda bars: talib.MFI(bars.high, bars.low, bars.close, bars.volume, 14),
    "williams": lambda bars: talib.WILLR(bars.high, bars.low, bars.close, 14),
    "roc": lambda bars: talib.ROC(bars.close, 12),
    "adx": adx,
    "aroon": lambda bars: talib.AROON(bars.high, bars.low, 25),
    "sar": lambda bars: talib.SAR(bars.high, bars.low),
    "atr": lambda bars: talib.ATR(bars.high, bars.low, bars.close),
    "obv": lambda bars: talib.OBV(bars.close, bars.volume),
}

if __name__ == "__main__":
    sys.exit(main())
