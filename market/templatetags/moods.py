"""How is the mood of a story written? A signed number, a word, how long ago it came out."""

from datetime import datetime, timedelta

from django import template

from core import clock

register = template.Library()
MINUS, FIXED = "\u2212", "\u00a0"
UNITS = (
    (timedelta(days=1), timedelta(hours=1), "h"),
    (timedelta(hours=1), timedelta(minutes=1), "min"),
)


@register.filter
def mood(score: float) -> str:
    """`+0.46`, `−0.38`, `0.00`."""
    text = f"{abs(score):.2f}"
    if text == "0.00":
        return text
    return f"{'+' if score > 0 else MINUS}{text}"


@register.filter
def ago(moment: datetime) -> str:
    """`now`, `42 min ago`, `3 h ago`; empty for what is a day old: its date says it."""
    passed = clock.now() - moment
    for limit, unit, word in reversed(UNITS):
        if unit <= passed < limit:
            return f"{passed // unit}{FIXED}{word} ago"
    return "now" if passed < timedelta(minutes=1) else ""
