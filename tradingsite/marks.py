"""How is the state of a price marked? One badge per price: look, icon and word, never hue alone.

`static/js/marks.js` draws the same marks while prices stream; the two change together.
"""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from core import clock
from market.quotes import DISPUTED
from tradingsite.templatetags import figures

ICONS = {
    "reference": "landmark",
    "delayed": "timer",
    "stale": "clock-alert",
    "closed": "moon",
    "simulated": "flask-conical",
}
LOOKS = {
    "live": "live",
    "reference": "ref",
    "delayed": "delayed",
    "stale": "stale",
    "closed": "closed",
    "simulated": "sim",
}
REASONS = {DISPUTED: "the sources disagree"}  # programs read a code, people read words


@dataclass(frozen=True, slots=True)
class Mark:
    """A badge: `look` is the end of its class, no icon means the breathing dot."""

    look: str
    icon: str
    text: str
    title: str


def mark(
    state: str, *, as_of: datetime | None, simulated: bool, reason: str = "", source: str = ""
) -> Mark:
    """The badge of one price; simulated data says so first, whatever its state."""
    kind = "simulated" if simulated else state
    return Mark(
        look=LOOKS.get(kind, "closed"),
        icon=ICONS.get(kind, ""),
        text=_text(state, as_of),
        title=_title(state, simulated=simulated, reason=reason, source=source),
    )


def in_words(reason: str) -> str:
    """Why a price is as it is, as people read it."""
    return REASONS.get(reason, reason)


def _text(state: str, as_of: datetime | None) -> str:
    if as_of is None:
        return "no price"
    if state == "closed":
        return "closed"
    if state == "reference":
        return f"ECB {_fixing(as_of)}"
    return figures.age(as_of)


def _fixing(as_of: datetime) -> str:
    """The time of today's fixing, the day of an earlier one."""
    local = timezone.localtime(as_of)
    if local.date() == timezone.localtime(clock.now()).date():
        return f"{local:%H:%M}"
    return figures.short_day(as_of)


def _title(state: str, *, simulated: bool, reason: str, source: str) -> str:
    said = {
        "live": f"Live, from {source}" if source else "Live",
        "reference": "Daily reference rate of the European Central Bank",
        "delayed": "This source publishes late",
        "stale": "No fresh price: not tradable",
        "closed": "The market is closed",
    }.get(state, state)
    why = in_words(reason)
    whole = f"{said}: {why}" if why and why not in said else said
    return f"Simulated, not a market price. {whole}" if simulated else whole
