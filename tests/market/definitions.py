"""Indicators as textbooks define them, candle by candle and slow: what ours are compared with."""

import numpy as np

from market.indicators import Array, Bars

Lines = dict[str, Array]


def over(length: int, count: int) -> list[tuple[int, slice]]:
    """Every index that ends a whole window, with its window."""
    return [(end, slice(end - length + 1, end + 1)) for end in range(length - 1, count)]


def ema(line: Array, length: int) -> Array:
    out = np.full(len(line), np.nan)
    out[length - 1] = line[:length].mean()
    for at in range(length, len(line)):
        out[at] = out[at - 1] + (line[at] - out[at - 1]) * 2 / (length + 1)
    return out


def stochastic(bars: Bars, length: int = 14, smooth: int = 3, signal: int = 3) -> Lines:
    raw = np.full(len(bars), np.nan)
    for at, window in over(length, len(bars)):
        low, high = bars.low[window].min(), bars.high[window].max()
        raw[at] = 100 * (bars.close[at] - low) / (high - low)
    k = mean(raw, smooth)
    return {"k": k, "d": mean(k, signal)}


def williams(bars: Bars, length: int = 14) -> Lines:
    out = np.full(len(bars), np.nan)
    for at, window in over(length, len(bars)):
        low, high = bars.low[window].min(), bars.high[window].max()
        out[at] = -100 * (high - bars.close[at]) / (high - low)
    return {"williams": out}


def cci(bars: Bars, length: int = 20) -> Lines:
    out = np.full(len(bars), np.nan)
    typical = (bars.high + bars.low + bars.close) / 3
    for at, window in over(length, len(bars)):
        mean_ = typical[window].mean()
        out[at] = (typical[at] - mean_) / (0.015 * np.abs(typical[window] - mean_).mean())
    return {"cci": out}


def mfi(bars: Bars, length: int = 14) -> Lines:
    out = np.full(len(bars), np.nan)
    typical = (bars.high + bars.low + bars.close) / 3
    flow, way = typical * bars.volume, np.sign(np.diff(typical, prepend=typical[0]))
    for at, window in over(length, len(bars)):
        if at >= length:
            up, down = (flow[window][way[window] == sign].sum() for sign in (1, -1))
            out[at] = 100 * up / (up + down)
    return {"mfi": out}


def aroon(bars: Bars, length: int = 25) -> Lines:
    up, down = np.full(len(bars), np.nan), np.full(len(bars), np.nan)
    for at, window in over(length + 1, len(bars)):
        up[at] = 100 * int(bars.high[window].argmax()) / length
        down[at] = 100 * int(bars.low[window].argmin()) / length
    return {"up": up, "down": down, "oscillator": up - down}


def keltner(bars: Bars, length: int = 20, atr: int = 10, multiplier: float = 2.0) -> Lines:
    middle, out = ema(bars.close, length), np.full(len(bars), np.nan)
    before = bars.close[:-1]
    swing = np.maximum(bars.high[1:], before) - np.minimum(bars.low[1:], before)
    out[atr] = swing[:atr].mean()
    for at in range(atr + 1, len(bars)):
        out[at] = (out[at - 1] * (atr - 1) + swing[at - 1]) / atr
    return {
        "middle": middle,
        "upper": middle + multiplier * out,
        "lower": middle - multiplier * out,
    }


def donchian(bars: Bars, length: int = 20) -> Lines:
    upper, lower = np.full(len(bars), np.nan), np.full(len(bars), np.nan)
    for at, window in over(length, len(bars)):
        upper[at], lower[at] = bars.high[window].max(), bars.low[window].min()
    return {"upper": upper, "middle": (upper + lower) / 2, "lower": lower}


def ichimoku(bars: Bars) -> Lines:
    turning, base, slow = (donchian(bars, length)["middle"] for length in (9, 26, 52))
    leading = (turning + base) / 2
    return {
        "conversion": turning,
        "base": base,
        "leading_a": leading,
        "leading_b": slow,
        "span_a": np.concatenate([np.full(26, np.nan), leading[:-26]]),
        "span_b": np.concatenate([np.full(26, np.nan), slow[:-26]]),
    }


def roc(bars: Bars, length: int = 12) -> Lines:
    out = np.full(len(bars), np.nan)
    out[length:] = 100 * (bars.close[length:] / bars.close[:-length] - 1)
    return {"roc": out}


def vwap(bars: Bars) -> Lines:
    out, typical = np.empty(len(bars)), (bars.high + bars.low + bars.close) / 3
    for at in range(len(bars)):
        today = (bars.time // 86_400 == bars.time[at] // 86_400) & (np.arange(len(bars)) <= at)
        out[at] = (typical * bars.volume)[today].sum() / bars.volume[today].sum()
    return {"vwap": out}


def fibonacci(bars: Bars, length: int = 120) -> Lines:
    names = {"r236": 0.236, "r382": 0.382, "r500": 0.5, "r618": 0.618, "r786": 0.786}
    lines = {name: np.full(len(bars), np.nan) for name in ("high", *names, "low")}
    for at, window in over(length, len(bars)):
        high, low = bars.high[window].max(), bars.low[window].min()
        rose = bars.high[window].argmax() >= bars.low[window].argmin()
        lines["high"][at], lines["low"][at] = high, low
        for name, part in names.items():
            lines[name][at] = high - part * (high - low) if rose else low + part * (high - low)
    return lines


def mean(line: Array, length: int) -> Array:
    out = np.full(len(line), np.nan)
    for at, window in over(length, len(line)):
        out[at] = line[window].mean()
    return out


BY_NAME = {
    "stochastic": stochastic,
    "williams": williams,
    "cci": cci,
    "mfi": mfi,
    "aroon": aroon,
    "keltner": keltner,
    "donchian": donchian,
    "ichimoku": ichimoku,
    "roc": roc,
    "vwap": vwap,
    "fibonacci": fibonacci,
}
