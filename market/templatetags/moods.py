"""How are moods, ages and large values written? Signed, in words, in thousands of millions."""

from datetime import datetime, timedelta
from decimal import Decimal

from django import template

from core import clock
from market.news import stories

register = template.Library()
MINUS, FIXED, THIN = "\u2212", "\u00a0", "\u2009"
UNITS = (
    (timedelta(days=1), timedelta(hours=1), "h"),
    (timedelta(hours=1), timedelta(minutes=1), "min"),
)
LARGE = ((Decimal(10) ** 12, "tn"), (Decimal(10) ** 9, "bn"), (Decimal(10) ** 6, "m"))


@register.simple_tag
def news_is_read() -> bool:
    """Whether this site reads any news."""
    return stories.are_fed()


@register.filter
def large(amount: Decimal) -> str:
    """`1.38 tn`, `27.40 bn`, `980.12 m`."""
    size, unit = next((pair for pair in LARGE if amount >= pair[0]), LARGE[-1])
    return f"{amount / size:.2f}{THIN}{unit}"


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
