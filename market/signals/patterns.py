"""Which candle patterns has the market drawn? TA-Lib's definitions, where candles have bodies."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from market.indicators.smoothing import talib
from market.signals.market import Direction, Event, Market, grade
from market.studies import digits


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern of `candles` candles; `means` says what people read into it.

    One that spans less than `least` average true ranges is noise.
    """

    kind: str
    function: str
    title: str
    candles: int
    means: str
    least: float = 0.75


RISE, FALL = "often read as a turn upwards", "often read as a turn downwards"
TURN = "often read as a turn"
PATTERNS = (
    Pattern("three_white_soldiers", "CDL3WHITESOLDIERS", "Three White Soldiers", 3, RISE),
    Pattern("three_black_crows", "CDL3BLACKCROWS", "Three Black Crows", 3, FALL),
    Pattern("morning_star", "CDLMORNINGSTAR", "Morning Star", 3, RISE),
    Pattern("evening_star", "CDLEVENINGSTAR", "Evening Star", 3, FALL),
    Pattern("three_inside", "CDL3INSIDE", "Three Inside", 3, TURN),
    Pattern("three_outside", "CDL3OUTSIDE", "Three Outside", 3, TURN),
    Pattern("engulfing", "CDLENGULFING", "Engulfing", 2, TURN, 2.0),
    Pattern("harami", "CDLHARAMI", "Harami", 2, TURN, 2.0),
    Pattern("piercing_line", "CDLPIERCING", "Piercing Line", 2, RISE),
    Pattern("dark_cloud_cover", "CDLDARKCLOUDCOVER", "Dark Cloud Cover", 2, FALL),
    Pattern("hammer", "CDLHAMMER", "Hammer", 1, RISE),
    Pattern("inverted_hammer", "CDLINVERTEDHAMMER", "Inverted Hammer", 1, RISE),
    Pattern("hanging_man", "CDLHANGINGMAN", "Hanging Man", 1, FALL),
    Pattern("shooting_star", "CDLSHOOTINGSTAR", "Shooting Star", 1, FALL),
    Pattern("dragonfly_doji", "CDLDRAGONFLYDOJI", "Dragonfly Doji", 1, TURN),
    Pattern("gravestone_doji", "CDLGRAVESTONEDOJI", "Gravestone Doji", 1, TURN),
)
OPPOSITE = {"dragonfly_doji": "up", "gravestone_doji": "down"}  # TA-Lib says 100 for both


def candle_patterns(market: Market) -> Iterator[Event]:
    """Every pattern that ends at a candle, drawn without a gap by candles that have a range."""
    bars = market.bars
    has_range = bars.high > bars.low
    for pattern in PATTERNS:
        if len(bars) < pattern.candles:
            continue
        found = getattr(talib, pattern.function)(bars.open, bars.high, bars.low, bars.close)
        drawn = (found != 0) & market.joined(max(pattern.candles, 2))
        for back in range(pattern.candles):
            drawn[back:] &= has_range[: len(bars) - back]
        for place in map(int, np.flatnonzero(drawn)):
            event = _event(market, pattern, place, int(found[place]))
            if event:
                yield event


def _event(market: Market, pattern: Pattern, place: int, sign: int) -> Event | None:
    bars, atr = market.bars, market.atr[place]
    window = slice(place - pattern.candles + 1, place + 1)
    high, low = bars.high[window].max(), bars.low[window].min()
    if not (high - low) >= pattern.least * atr:
        return None
    direction: Direction = "up" if sign > 0 else "down"
    if pattern.kind in OPPOSITE:
        direction = "up" if OPPOSITE[pattern.kind] == "up" else "down"
    count = "one candle" if pattern.candles == 1 else f"{pattern.candles} candles"
    return Event(
        *(place, pattern.kind, direction),
        grade((high - low) / atr, pattern.least, 2.0 + pattern.candles),
        f"{pattern.title}: {count} between {digits.price(low)} and {digits.price(high)},"
        f" {pattern.means}.",
        {
            "high": digits.price(high),
            "low": digits.price(low),
            "close": digits.price(bars.close[place]),
        },
    )
