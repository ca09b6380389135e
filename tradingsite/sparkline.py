"""How does a row of closes become a small line? Points in the box of an inline SVG."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

WIDTH, HEIGHT, MARGIN = 80, 26, 3
HALF = Decimal("0.5")  # the height of a line that never moves
FLAT_SHARE = Decimal("0.0015")  # a move smaller than this is called flat


@dataclass(frozen=True, slots=True)
class Sparkline:
    """`points` for a polyline in a box of 80 x 26, its last point, and the trend in a word."""

    points: str
    end_x: str
    end_y: str
    trend: str


def draw(closes: Sequence[Decimal]) -> Sparkline | None:
    """The line of at least two closes, oldest first; None for fewer."""
    if len(closes) < 2:
        return None
    low, high = min(closes), max(closes)
    span = high - low
    step = Decimal(WIDTH - 2 * MARGIN) / (len(closes) - 1)
    points = [
        (
            f"{MARGIN + i * step:.1f}",
            f"{MARGIN + ((high - close) / span if span else HALF) * (HEIGHT - 2 * MARGIN):.1f}",
        )
        for i, close in enumerate(closes)
    ]
    return Sparkline(
        points=" ".join(f"{x},{y}" for x, y in points),
        end_x=points[-1][0],
        end_y=points[-1][1],
        trend=_trend(closes[0], closes[-1]),
    )


def _trend(first: Decimal, last: Decimal) -> str:
    if abs(last - first) <= abs(first) * FLAT_SHARE:
        return "flat"
    return "rising" if last > first else "falling"
