"""How are numbers, money, changes and times written for people?

`static/js/figures.js` writes the same figures in the browser; the two change together.
Inside `.num` thousands are parted by a thin space; `said` is for running text.
"""

from datetime import datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core import clock
from core.errors import Refused
from core.money import decimals_of
from market import catalog

register = template.Library()

THIN = "\u2009"
NARROW_FIXED = "\u202f"
FIXED = "\u00a0"
MINUS = "\u2212"
MISSING = "—"
PERCENT = Decimal("0.01")

Number = Decimal | str | int | None


def as_decimal(value: Number) -> Decimal | None:
    """The number behind what a template was given; None where there is none."""
    if value is None or value == "":
        return None
    try:
        number = Decimal(value)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def grouped(number: Decimal, decimals: int, space: str = THIN) -> str:
    """`number` with so many decimals, thousands parted by `space`, a true minus sign."""
    rounded = number.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_EVEN)
    text = f"{abs(rounded):,.{decimals}f}".replace(",", space)
    return f"{MINUS}{text}" if rounded < 0 else text


def price_decimals(price: Decimal, kind: str) -> int:
    """How many decimals a price shows: five significant ones below 0.1, fewer as it grows."""
    size = abs(price)
    if size == 0:
        return 5
    if size < Decimal("0.1"):
        return 4 - size.adjusted()
    steps = ((1000, 2), (100, 2), (10, 3), (1, 4)) if kind == "crypto" else ((1000, 2), (20, 3))
    return next((decimals for least, decimals in steps if size >= least), 5)


def price_parts(price: Decimal, kind: str) -> tuple[str, str, str]:
    """Head, pips and tenth of a pip of a price; the tenth is empty for crypto and big numbers."""
    decimals = price_decimals(price, kind)
    text = grouped(price, decimals)
    tenth = 1 if kind != "crypto" and decimals >= 3 else 0
    end = len(text) - tenth
    return text[: end - 2], text[end - 2 : end], text[end:]


@register.simple_tag
def missing(reason: str = "not known yet") -> SafeString:
    """The dash for a number that is not there, with the reason on hover and for readers."""
    return format_html(
        '<span class="muted" title="{0}"><span aria-hidden="true">{1}</span>'
        '<span class="sr-only">{0}</span></span>',
        reason,
        MISSING,
    )


@register.filter
def px(price: Number, kind: str = "fiat") -> SafeString:
    """A price with its pips bold and the tenth of a pip raised."""
    number = as_decimal(price)
    if number is None:
        return missing()
    head, pips, tenth = price_parts(number, kind)
    raised = format_html('<span class="px-f">{}</span>', tenth) if tenth else ""
    return format_html(
        '<span class="num"><span class="px-h">{}</span><span class="px-p">{}</span>{}</span>',
        head,
        pips,
        raised,
    )


@register.filter
def rate(price: Number, kind: str = "fiat") -> str:
    """A price as plain text with all its decimals."""
    number = as_decimal(price)
    return MISSING if number is None else grouped(number, price_decimals(number, kind))


@register.filter
def rate_short(price: Number, kind: str = "fiat") -> str:
    """A price as plain text without the tenth of a pip."""
    number = as_decimal(price)
    if number is None:
        return MISSING
    decimals = price_decimals(number, kind)
    return grouped(number, decimals - 1 if kind != "crypto" and decimals >= 3 else decimals)


@register.filter
def change(percent: Number) -> SafeString:
    """A change in percent: triangle, sign, two decimals; flat for zero."""
    number = as_decimal(percent)
    if number is None:
        return missing("no earlier price to compare with")
    return format_html('<span class="chg {}">{}</span>', direction(number), percent_text(number))


@register.filter
def direction(number: Number) -> str:
    """`up`, `down` or `flat`, judged after rounding to what is shown."""
    value = as_decimal(number)
    shown = value.quantize(PERCENT) if value is not None else Decimal(0)
    return "flat" if shown == 0 else "up" if shown > 0 else "down"


@register.filter
def percent_text(percent: Number) -> str:
    """A change in percent as text: sign, two decimals, thin space, %."""
    number = as_decimal(percent)
    if number is None:
        return MISSING
    text = grouped(number, 2)
    sign = "+" if direction(number) == "up" else ""
    return f"{text.removeprefix(MINUS) if direction(number) == 'flat' else sign + text}{THIN}%"


def shown_decimals(amount: Decimal, code: str) -> int:
    """Decimals shown: the currency's own; coins are cut to what is used, at least four."""
    try:
        info = catalog.currency(code)
    except Refused:
        return max(2, decimals_of(amount))  # no longer listed, but still in somebody's history
    least = catalog.decimals_least(info)
    return least if info.is_fiat else min(info.decimals, max(least, decimals_of(amount)))


@register.filter
def digits(amount: Number, code: str) -> str:
    """An amount of `code` without its unit: `2 500.00`."""
    number = as_decimal(amount)
    return MISSING if number is None else grouped(number, shown_decimals(number, code))


@register.filter
def money(amount: Number, code: str) -> str:
    """An amount with its unit behind it, for use inside `.num`: `2 500.00 EUR`."""
    return f"{digits(amount, code)}{FIXED}{code}"


@register.filter
def said(amount: Number, code: str) -> str:
    """An amount with its unit for running text, where lines may break around it."""
    return money(amount, code).replace(THIN, NARROW_FIXED)


@register.filter
def signed(amount: Number, code: str) -> str:
    """A gain or loss with its sign and unit: `+69.84 USD`."""
    number = as_decimal(amount)
    sign = "+" if number is not None and number > 0 else ""
    return f"{sign}{money(amount, code)}"


@register.filter
def cost(amount: Number, code: str) -> str:
    """What something takes away: `−0.14 EUR`."""
    number = as_decimal(amount)
    return MISSING if number is None else money(-number, code)


@register.filter
def heard(at: datetime) -> str:
    """When a source last said something: its time today, its day before."""
    same_day = timezone.localtime(at).date() == timezone.localtime(clock.now()).date()
    return clock_time(at) if same_day else short_day(at)


@register.filter
def age(moment: datetime | None) -> str:
    """How old something is: `0.4 s`, `12 s`, `4 min`, `3 h`, then its date."""
    if moment is None:
        return MISSING
    seconds = max(0.0, (clock.now() - moment).total_seconds())
    if seconds < 9.95:
        return f"{seconds:.1f}{FIXED}s"
    for size, limit, unit in ((1, 60, "s"), (60, 3600, "min"), (3600, 86400, "h")):
        if seconds < limit:
            return f"{int(seconds // size)}{FIXED}{unit}"
    return short_day(moment)


@register.filter
def clock_time(moment: datetime | None) -> str:
    """`14:32:08` in the current time zone, which the page names once (`zone_name`)."""
    return MISSING if moment is None else f"{timezone.localtime(moment):%H:%M:%S}"


@register.filter
def day(moment: datetime | None) -> str:
    """`30 Oct 2026` in the current time zone."""
    return MISSING if moment is None else f"{timezone.localtime(moment):%-d %b %Y}"


@register.filter
def short_day(moment: datetime | None) -> str:
    """`30 Oct`, with the year only where it is another one."""
    if moment is None:
        return MISSING
    local, today = timezone.localtime(moment), timezone.localtime(clock.now())
    return f"{local:%-d %b}" if local.year == today.year else f"{local:%-d %b %Y}"


@register.filter
def moment(at: datetime | None) -> str:
    """`30 Oct 2026, 14:32:08 UTC`: day, time and the zone's name."""
    return MISSING if at is None else f"{day(at)}, {clock_time(at)}{FIXED}{zone_name()}"


@register.filter
def weekday_moment(at: datetime) -> str:
    """`Fri 30 Oct 2026, 14:32:08 UTC`."""
    return f"{timezone.localtime(at):%a} {moment(at)}"


@register.filter
def span(length: timedelta) -> str:
    """How long something lasts, in its two largest units: `6 h 28 min`, `1 d 22 h`."""
    minutes = max(0, int(length.total_seconds() // 60))
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days:
        return f"{days}{FIXED}d {hours}{FIXED}h"
    return f"{hours}{FIXED}h {rest}{FIXED}min" if hours else f"{rest}{FIXED}min"


@register.simple_tag
def zone_key() -> str:
    """The current time zone for scripts: `Europe/Zurich`."""
    return timezone.get_current_timezone_name()


@register.simple_tag
def zone_name() -> str:
    """The current time zone for people: `UTC`, or its city."""
    return timezone.get_current_timezone_name().rpartition("/")[2].replace("_", " ")
