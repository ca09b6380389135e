"""What does a venue of the test world say now, and what is wrong with it?"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

Figures = dict[str, Any]  # bid, ask, last, volume (text or worse) and time (datetime)

# What is wrong with a whole answer, or with the connection.
ANSWER_FAULTS = {
    *("down", "silent", "slow", "html", "truncated", "error_5xx"),
    *("redirect", "endless", "dripping", "cut", "garbled"),
    *("rate_limit_429", "unauthorized_401", "ban_418", "ban_403", "ban_451"),
    *("ws_silent", "ws_drop", "ws_refused", "frozen", "duplicate", "disorder"),
}


def _crossed(figures: Figures) -> Figures:
    return figures | {"bid": figures["ask"], "ask": figures["bid"]}


def _scaled(figures: Figures, factor: str) -> Figures:
    return figures | {
        name: str(Decimal(figures[name]) * Decimal(factor)) for name in ("bid", "ask", "last")
    }


def _said(value: Any) -> Callable[[Figures], Figures]:
    return lambda figures: figures | {"bid": value}


# What is wrong with the figures of one market.
FIGURE_FAULTS: dict[str, Callable[[Figures], Figures]] = {
    "nan": _said(float("nan")),
    "infinity": _said(float("inf")),
    "null": _said(None),
    "text": _said("call us"),
    "zero": _said("0"),
    "negative": lambda figures: _scaled(figures, "-1"),
    "crossed": _crossed,
    "spike": lambda figures: _scaled(figures, "1.5"),
    "missing_field": lambda figures: {k: v for k, v in figures.items() if k != "bid"},
    "old_time": lambda figures: figures | {"time": figures["time"] - timedelta(minutes=5)},
    "not_tradeable": lambda figures: figures | {"tradeable": False},
    "future_time": lambda figures: figures | {"time": figures["time"] + timedelta(minutes=5)},
}


@dataclass(frozen=True)
class Key:
    """An API key that a customer made: its secret, and what it may do (read, trade, withdraw)."""

    secret: str
    may: frozenset[str]


@dataclass
class Venue:
    """One venue: its markets' prices, its faults, and what it was asked."""

    name: str
    quotes: dict[str, tuple[str, str]]
    faults: dict[str, frozenset[str]] = field(default_factory=dict)
    retry_after_s: int = 7
    slow_s: float = 1.0
    requests: list[str] = field(default_factory=list)
    bodies: dict[str, str] = field(default_factory=dict)
    outages: list[tuple[int, int]] = field(default_factory=list)  # Unix seconds without candles
    listeners: set[Any] = field(default_factory=set)
    keys: dict[str, "Key"] = field(default_factory=dict)
    _frozen_at: float | None = None

    def price(self, symbol: str, *, bid: str, ask: str) -> None:
        """Say this from now on."""
        self.quotes[symbol] = (bid, ask)

    def delist(self, symbol: str) -> None:
        """Trade this market no more."""
        del self.quotes[symbol]

    def grant(self, key: str, secret: str, *may: str) -> None:
        """Know this API key from now on."""
        self.keys[key] = Key(secret, frozenset(may))

    def spoil(self, fault: str, *symbols: str) -> None:
        """Switch a fault on, for these markets or all."""
        if fault not in ANSWER_FAULTS and fault not in FIGURE_FAULTS:
            raise ValueError(f"no fault {fault!r}")
        self.faults[fault] = frozenset(symbols)
        if fault == "frozen":
            self._frozen_at = time.time()

    def heal(self) -> None:
        """Switch every fault off."""
        self.faults.clear()
        self.outages.clear()
        self._frozen_at = None

    def say(self, path_end: str, body: str) -> None:
        """Answer requests whose path ends so with exactly this body."""
        self.bodies[path_end] = body

    def has(self, *faults: str) -> bool:
        """Whether one of these faults is on."""
        return any(fault in self.faults for fault in faults)

    def figures(self, symbol: str) -> Figures:
        """What it says of one market; the volume grows with time unless frozen."""
        bid, ask = self.quotes[symbol]
        volume = 1000 + ((self._frozen_at or time.time()) % 86_400) / 100
        said: Figures = {
            "bid": bid,
            "ask": ask,
            "last": bid,
            "volume": f"{volume:.8f}",
            "time": datetime.now(UTC),
        }
        for fault, symbols in self.faults.items():
            if fault in FIGURE_FAULTS and (not symbols or symbol in symbols):
                said = FIGURE_FAULTS[fault](said)
        return said

    def traded(self, symbols: Iterable[str]) -> list[str]:
        """Those of these it trades."""
        return [symbol for symbol in symbols if symbol in self.quotes]


def text(figure: Any) -> Any:
    """A figure as venues that quote their numbers write it."""
    return str(figure) if isinstance(figure, float) else figure
