"""What was far from usual? Stretched momentum, volume and moves measured against the past."""

from collections.abc import Iterator

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from market.indicators import Array
from market.signals.market import Direction, Event, Market, before, begins, grade
from market.studies import digits

HIGH, LOW, BACK = 70, 30, 5  # RSI; an extreme has ended once it is 5 points back
PAST = 100  # candles that say what is usual
TO_SIGMA = 1.4826  # median absolute deviation to standard deviation, of a normal distribution
SURGE, SURGE_OVER, MANY_TIMES = 6, 3, 3
UNUSUAL, UNUSUAL_OVER = 8, 4


def rsi_extreme(market: Market) -> Iterator[Event]:
    """RSI has risen over 70 or fallen below 30."""
    line = market.line("rsi.rsi")
    for direction, on, off, edge, word in (
        ("up", line > HIGH, line < HIGH - BACK, HIGH, "rose above 70: the rise is"),
        ("down", line < LOW, line > LOW + BACK, LOW, "fell below 30: the fall is"),
    ):
        for place in begins(on, off):
            yield Event(
                *(int(place), "rsi_extreme", "up" if direction == "up" else "down"),
                grade(abs(line[place] - edge), 0, 20),
                f"RSI {word} called stretched at {line[place]:.1f}.",
                {"rsi_14": digits.plain(line[place])},
            )


def volume_surge(market: Market) -> Iterator[Event]:
    """Volume far above usual, and which way on-balance volume went with it."""
    volume, flow = market.bars.volume, market.line("obv.obv")
    usual, spread = usual_before(volume)
    with np.errstate(invalid="ignore", divide="ignore"):
        score = (volume - usual) / spread
    large = (score > SURGE) & (volume > MANY_TIMES * usual) & (spread > 0)
    change = flow - before(flow)
    for place in begins(large, score < SURGE_OVER):
        way = _way(change[place])
        times = volume[place] / usual[place] if usual[place] > 0 else np.inf
        more = (
            f"{times:.1f} times the usual {digits.plain(usual[place])}"
            if times < np.inf
            else "unusual"
        )
        yield Event(
            *(int(place), "volume_surge", way),
            grade(score[place], SURGE, 5 * SURGE),
            f"Volume jumped to {digits.plain(volume[place])}, {more}; on-balance volume"
            f" {WENT[way]} {digits.plain(flow[place])}.",
            {"volume": digits.plain(volume[place]), "usual": digits.plain(usual[place])}
            | {"score": digits.plain(score[place]), "obv": digits.plain(flow[place])},
        )


def unusual_move(market: Market) -> Iterator[Event]:
    """A close-to-close move far beyond the moves before it, by median and median deviation."""
    close = market.bars.close
    move = np.log(close) - np.log(before(close))
    move[~market.joined(2)] = np.nan  # over a gap it is not one candle's move
    usual, spread = usual_before(move)
    with np.errstate(invalid="ignore", divide="ignore"):
        score = np.abs(move - usual) / spread
    for place in begins((score > UNUSUAL) & (spread > 0), score < UNUSUAL_OVER):
        part = np.expm1(move[place]) * 100
        yield Event(
            *(int(place), "unusual_move", _way(move[place])),
            grade(score[place], UNUSUAL, 4 * UNUSUAL),
            f"The price moved {part:+.2f} % within one candle, {score[place]:.0f} times what is"
            " usual here.",
            {
                "move_pct": f"{part:.4f}",
                "score": digits.plain(score[place]),
                "price": digits.price(close[place]),
            },
        )


WENT = {"up": "rose to", "down": "fell to", "none": "stayed at"}


def usual_before(line: Array) -> tuple[Array, Array]:
    """Median and robust deviation of the 100 known values before each one; NaN where fewer are."""
    median, spread = np.full(len(line), np.nan), np.full(len(line), np.nan)
    known = np.flatnonzero(np.isfinite(line))
    if len(known) > PAST:
        windows = sliding_window_view(line[known[:-1]], PAST)
        middle = np.median(windows, axis=1)
        apart = np.median(np.abs(windows - middle[:, None]), axis=1)
        median[known[PAST:]], spread[known[PAST:]] = middle, TO_SIGMA * apart
    return median, spread


def _way(change: float) -> Direction:
    return "up" if change > 0 else "down" if change < 0 else "none"
