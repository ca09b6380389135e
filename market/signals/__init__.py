"""Did something interesting happen? Events of closed candles: pure functions, none looks ahead.

A trading signal here is an event, told once when it begins: a line has crossed and moved away, not
"is above". What begins is told again only after it has ended; between the two lies a band in which
nothing is told. Every rule looks back from its candle, so later candles change no earlier signal.
"""

from collections.abc import Callable, Iterable

from market.signals import crossings, extremes, patterns
from market.signals.market import Event, Market

__all__ = ["Event", "Market", "find"]

RULES: tuple[Callable[[Market], Iterable[Event]], ...] = (
    crossings.price_cross,
    crossings.average_cross,
    crossings.macd_cross,
    crossings.trend_start,
    crossings.squeeze,
    crossings.breakout,
    crossings.fibonacci_touch,
    extremes.rsi_extreme,
    extremes.volume_surge,
    extremes.unusual_move,
    patterns.candle_patterns,
)


def find(market: Market, *, since: int = 0) -> list[Event]:
    """Every event of the candles from `since` on, oldest first."""
    events = [event for rule in RULES for event in rule(market) if event.place >= since]
    return sorted(events, key=lambda event: (event.place, event.kind))
