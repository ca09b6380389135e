"""Which lines were crossed, which bands were left, and where did a trend begin?"""

from collections.abc import Iterator

import numpy as np

from market import indicators
from market.indicators import Array
from market.signals.market import Direction, Event, Market, before, begins, flips, grade
from market.studies import STUDIES, digits

# Bands of hysteresis, in average true ranges.
PRICE_BAND, AVERAGE_BAND, MACD_BAND, TOUCH_BAND = 0.5, 0.1, 0.1, 1.5
TREND, NO_TREND = 25, 20
SWING_MIN = 6  # average true ranges: a smaller swing has no levels worth a word
LEVELS = (("r618", "61.8 %"), ("r500", "50 %"), ("r382", "38.2 %"))  # deepest first


def price_cross(market: Market) -> Iterator[Event]:
    """The price has crossed its average of 20 candles."""
    close, average, atr = market.bars.close, market.line("sma.sma"), market.atr
    for place, direction in _crossings(close - average, PRICE_BAND * atr):
        word = "rose above" if direction == "up" else "fell below"
        price, level = digits.price(close[place]), digits.price(average[place])
        yield Event(
            *(place, "price_cross", direction),
            grade(abs(close[place] - average[place]) / atr[place], PRICE_BAND, 2),
            f"The price {word} its average of 20 candles: {price} against {level}.",
            {"price": price, "sma_20": level, "atr_14": digits.distance(atr[place])},
        )


def average_cross(market: Market) -> Iterator[Event]:
    """The average of 50 candles has crossed that of 200: golden and death cross."""
    study, atr = STUDIES["sma"], market.atr
    fast, slow = (
        indicators.compute(study, market.bars, {"length": length})["sma"] for length in (50, 200)
    )
    for place, direction in _crossings(fast - slow, AVERAGE_BAND * atr):
        name = "golden cross" if direction == "up" else "death cross"
        word = "rose above" if direction == "up" else "fell below"
        values = digits.price(fast[place]), digits.price(slow[place])
        yield Event(
            *(place, "average_cross", direction),
            grade(abs(fast[place] - slow[place]) / atr[place], AVERAGE_BAND, 1),
            f"The average of 50 candles {word} that of 200, {values[0]} against {values[1]}"
            f" (called a {name}).",
            {"sma_50": values[0], "sma_200": values[1]},
        )


def macd_cross(market: Market) -> Iterator[Event]:
    """MACD has crossed its signal line."""
    line, signal, atr = market.line("macd.macd"), market.line("macd.signal"), market.atr
    for place, direction in _crossings(line - signal, MACD_BAND * atr):
        word = "rose above" if direction == "up" else "fell below"
        values = digits.distance(line[place]), digits.distance(signal[place])
        yield Event(
            *(place, "macd_cross", direction),
            grade(abs(line[place] - signal[place]) / atr[place], MACD_BAND, 0.5),
            f"MACD {word} its signal line: {values[0]} against {values[1]}.",
            {"macd": values[0], "signal": values[1]},
        )


def trend_start(market: Market) -> Iterator[Event]:
    """ADX has risen over 25 after it was below 20."""
    adx, plus, minus = (market.line(f"adx.{name}") for name in ("adx", "plus_di", "minus_di"))
    for place in begins(adx > TREND, adx < NO_TREND):
        direction: Direction = "up" if plus[place] > minus[place] else "down"
        yield Event(
            *(int(place), "trend_start", direction),
            grade(abs(plus[place] - minus[place]), 0, 40),
            f"A trend {direction} has begun: ADX rose to {adx[place]:.1f}, +DI is"
            f" {plus[place]:.1f} and -DI {minus[place]:.1f}.",
            {
                "adx": digits.plain(adx[place]),
                "+di": digits.plain(plus[place]),
                "-di": digits.plain(minus[place]),
            },
        )


def squeeze(market: Market) -> Iterator[Event]:
    """The Bollinger bands have gone inside the Keltner channel: unusually quiet."""
    wide = market.line("bollinger.upper") - market.line("bollinger.lower")
    usual = market.line("keltner.upper") - market.line("keltner.lower")
    for place in begins(wide < usual, wide > 1.1 * usual):
        values = digits.distance(wide[place]), digits.distance(usual[place])
        yield Event(
            *(int(place), "squeeze", "none"),
            grade(1 - wide[place] / usual[place], 0, 0.5),
            f"The market has gone quiet: the Bollinger bands, {values[0]} apart, lie inside the"
            f" Keltner channel of {values[1]}.",
            {"bollinger_width": values[0], "keltner_width": values[1]},
        )


def breakout(market: Market) -> Iterator[Event]:
    """The price has closed beyond the extremes of the 20 candles before."""
    close, middle = market.bars.close, market.line("donchian.middle")
    top, bottom = before(market.line("donchian.upper")), before(market.line("donchian.lower"))
    for direction, edge, on, off in (
        ("up", top, close > top, close < middle),
        ("down", bottom, close < bottom, close > middle),
    ):
        for place in begins(on, off):
            price, level = digits.price(close[place]), digits.price(edge[place])
            which = "above the highest high" if direction == "up" else "below the lowest low"
            yield Event(
                *(int(place), "breakout", "up" if direction == "up" else "down"),
                grade(abs(close[place] - edge[place]) / market.atr[place], 0, 1.5),
                f"The price closed {which} of the 20 candles before: {price} against {level}.",
                {"price": price, "edge": level},
            )


def fibonacci_touch(market: Market) -> Iterator[Event]:
    """The price has come back to a retracement of a swing, deeper than at any time since it."""
    bars = market.bars
    high, low = before(market.line("fibonacci.high")), before(market.line("fibonacci.low"))
    levels = [before(market.line(f"fibonacci.{column}")) for column, _ in LEVELS]
    back_down = levels[-1] > levels[0]  # the high is the later extreme: the swing went up
    touches: list[tuple[int, int]] = []
    for rank, level in enumerate(levels):
        touched = (bars.low <= level) & (level <= bars.high) & (high - low > SWING_MIN * market.atr)
        against = (before(bars.close) > level) == back_down
        far = np.abs(bars.close - level) > TOUCH_BAND * market.atr
        begun = begins(touched, far & ~touched)
        touches += [(int(place), rank) for place in begun if against[place]]
    turned, reached = np.nan, len(LEVELS)
    for place, rank in sorted(touches):
        later = float(high[place] if back_down[place] else low[place])  # extreme of its swing
        if later != turned:
            turned, reached = later, len(LEVELS)
        if rank < reached:
            reached = rank
            swing = float(low[place]), float(high[place])
            yield _touch(market, place, LEVELS[rank][1], levels[rank], swing)


def _touch(
    market: Market, place: int, title: str, level: Array, swing: tuple[float, float]
) -> Event:
    down = market.bars.close[place - 1] > level[place]
    (low, high), price = map(digits.price, swing), digits.price(level[place])
    return Event(
        *(place, "fibonacci_touch", "down" if down else "up"),
        grade((swing[1] - swing[0]) / market.atr[place], SWING_MIN, 20),
        f"The price came {'down' if down else 'up'} to the {title} retracement, {price}, of the"
        f" swing between {low} and {high}.",
        {"level": price, "retracement": title, "low": low, "high": high},
    )


def _crossings(distance: Array, band: Array) -> list[tuple[int, Direction]]:
    ups, downs = flips(distance, band)
    return [*((int(place), "up") for place in ups), *((int(place), "down") for place in downs)]
