"""How are the figures of quotes and ledger lines written? Exact where the books are exact."""

from datetime import datetime
from decimal import Decimal

from django import template
from django.utils import timezone

from core import clock, money

register = template.Library()
register.filter(money.plain)

THIN = "\u2009"
MINUS = "\u2212"
MISSING = "—"


@register.filter
def negative(amount: Decimal) -> Decimal:
    """A cost, as what it takes away."""
    return -amount


@register.filter
def size(amount: Decimal) -> Decimal:
    """An amount without its sign, where the column says which way it went."""
    return abs(amount)


@register.filter
def exact(number: Decimal | str, least: int = 2) -> str:
    """Every digit the books have, at least so many decimals, with a true minus sign."""
    value = Decimal(number)
    decimals = max(least, money.decimals_of(value))
    text = f"{abs(value):,.{decimals}f}".replace(",", THIN)
    return f"{MINUS}{text}" if value < 0 else text


@register.filter
def told(number: str) -> str:
    """What a source said, in the ten digits prices travel with."""
    return exact(money.significant(Decimal(number)).normalize())


@register.filter
def share(rate: Decimal) -> str:
    """A fee rate in percent: `0.10 %`."""
    return f"{rate * 100:.2f}{THIN}%"


@register.filter
def percent_plain(fraction: Decimal | None) -> str:
    """A share of the whole with one decimal: `25.8 %`."""
    return MISSING if fraction is None else f"{fraction * 100:.1f}{THIN}%"


@register.filter
def recent(moment: datetime) -> str:
    """A time today as `11:06`, an earlier one with its day: `29 Oct 17:31`."""
    local, today = timezone.localtime(moment), timezone.localtime(clock.now())
    time = f"{local:%H:%M}"
    return time if local.date() == today.date() else f"{local:%-d %b} {time}"
