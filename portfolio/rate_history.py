"""How did a pair move lately? The fixings of 90 working days, drawn as one line."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from core import clock
from market import catalog, fixings

DAYS = 90
WIDTH, TOP, HEIGHT = 420, 10, 140  # of the drawing, in its own units
NEAR_EDGE = Decimal("0.1")  # of the range
GRID_LINES = 4
TEXT_DROP = Decimal("3.5")  # from a line to the foot of the figure beside it


@dataclass(frozen=True, slots=True)
class GridLine:
    """A price level and where it is drawn."""

    price: Decimal
    y: str
    text_y: str


@dataclass(frozen=True, slots=True)
class RateHistory:
    """Fixings of `to_code` per 1 `from_code`, oldest first."""

    from_code: str
    to_code: str
    kind: str
    points: tuple[tuple[date, Decimal], ...]

    @property
    def low(self) -> Decimal:
        """The lowest close."""
        return min(close for _, close in self.points)

    @property
    def high(self) -> Decimal:
        """The highest close."""
        return max(close for _, close in self.points)

    @property
    def last(self) -> Decimal:
        """The newest close."""
        return self.points[-1][1]

    @property
    def change_pct(self) -> Decimal:
        """From the first close to the last, in percent."""
        first = self.points[0][1]
        return (self.last - first) / first * 100

    @property
    def first_day(self) -> datetime:
        """The day the line begins."""
        return clock.midnight(self.points[0][0])

    @property
    def last_day(self) -> datetime:
        """The day of the newest close."""
        return clock.midnight(self.points[-1][0])

    @property
    def polyline(self) -> str:
        """The line's points."""
        steps = max(1, len(self.points) - 1)
        return " ".join(
            f"{WIDTH * place / steps:.1f},{self._y(close):.1f}"
            for place, (_, close) in enumerate(self.points)
        )

    @property
    def end_y(self) -> str:
        """The height of the line's end."""
        return f"{self._y(self.last):.1f}"

    @property
    def grid(self) -> tuple[GridLine, ...]:
        """Levels from the lowest close to the highest."""
        span = self.high - self.low
        levels = [self.low + span * step / (GRID_LINES - 1) for step in range(GRID_LINES)]
        return tuple(
            GridLine(level, f"{self._y(level):.1f}", f"{self._y(level) + TEXT_DROP:.1f}")
            for level in reversed(levels)
        )

    @property
    def sentence(self) -> str:
        """Where the newest close stands in the range; a fact about the past."""
        span = self.high - self.low
        if span and self.last - self.low <= span * NEAR_EDGE:
            place = "near the low"
        elif span and self.high - self.last <= span * NEAR_EDGE:
            place = "near the high"
        else:
            place = "inside the range"
        return f"{self.from_code} is {place} of these days. A fact about the past, not advice."

    def _y(self, close: Decimal) -> Decimal:
        span = self.high - self.low
        share = (self.high - close) / span if span else Decimal("0.5")
        return TOP + HEIGHT * share


def of(from_code: str, to_code: str) -> RateHistory:
    """The pair's past; without points where too little is known to draw a line."""
    kinds = {catalog.currency(code).is_fiat for code in (from_code, to_code)}
    closes = fixings.closes(from_code, to_code, days=DAYS)
    points = tuple(closes) if len(closes) > 1 else ()
    return RateHistory(from_code, to_code, "fiat" if kinds == {True} else "crypto", points)
