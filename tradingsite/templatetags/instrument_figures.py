"""How are candles and what is drawn of them written? Beside the figures every page has."""

import re
from datetime import UTC, datetime
from decimal import Decimal

from django import template
from django.utils import timezone

from tradingsite.templatetags import figures

register = template.Library()

FIGURE = re.compile(
    r"(?<![\w.:-])(?P<minus>-?)(?P<whole>\d+)(?P<rest>(?:\.\d+)?)(?![:-]?\d)(?P<percent> %)?"
)
NARROW = "\u202f"  # in prose: a thin space that no line breaks at
LONG = 5  # digits from which thousands are parted
SIZES = ((Decimal(10**9), "B"), (Decimal(10**6), "M"), (Decimal(1000), "K"))


@register.filter
def candle_time(open_time: datetime, interval: str) -> str:
    """When a candle began: a day of UTC, else day and time in the page's zone."""
    if interval == "1d":
        return f"{open_time.astimezone(UTC):%-d %b %Y}"
    return f"{figures.short_day(open_time)}, {timezone.localtime(open_time):%H:%M}"


@register.filter
def volume(amount: Decimal | None) -> str:
    """A volume in three or four digits: `1.25K`, `312.4`, `0.418`; a dash where none is given."""
    if amount is None:
        return figures.MISSING
    for size, letter in SIZES:
        if amount >= size:
            return f"{figures.grouped(amount / size, 2)}{letter}"
    return figures.grouped(amount, 1 if amount >= 10 else 3)


@register.filter
def typeset(sentence: str) -> str:
    """A sentence's figures as the site writes them: true minus, thousands and percent parted."""
    return FIGURE.sub(_typeset, sentence)


def _typeset(found: re.Match[str]) -> str:
    minus, whole, rest = found["minus"], found["whole"], found["rest"]
    parted = f"{int(whole):,}".replace(",", NARROW) if len(whole) >= LONG else whole
    percent = f"{NARROW}%" if found["percent"] else ""
    return f"{figures.MINUS if minus else ''}{parted}{rest}{percent}"


@register.filter
def plain_percent(percent: Decimal) -> str:
    """A size in percent, which has no direction: `6.20 %`."""
    return f"{figures.grouped(percent, 2)}{figures.THIN}%"


@register.filter
def share(part: Decimal) -> str:
    """A part of one as whole percent: `43 %`."""
    return f"{figures.grouped(100 * part, 0)}{figures.THIN}%"


@register.filter
def strength(value: float) -> str:
    """How strong a signal is, in a word; it counts from 0 to 1."""
    return "low" if value < 1 / 3 else "medium" if value < 2 / 3 else "high"


@register.filter
def along(part: Decimal, width: int) -> str:
    """Where a part of one stands along a line so wide."""
    return f"{part * width:.1f}"
