"""Which small picture stands for a thing? Icons from the sprite, flags and coins of currencies."""

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.errors import Refused
from market import catalog

register = template.Library()


@register.simple_tag
def icon(name: str, size: str = "") -> SafeString:
    """An icon of the sprite; `size` is "", i-xs, i-sm or i-lg. Names stand in static/icons.txt."""
    return format_html(
        '<svg class="i {}" aria-hidden="true"><use href="{}#{}"/></svg>',
        size,
        static("vendor/icons.svg"),
        name,
    )


@register.simple_tag
def coin(code: str, size: str = "") -> SafeString:
    """The flag of a currency or the coin of a crypto; `size` is "", sm or lg. Hidden to readers."""
    try:
        info = catalog.currency(code)
    except Refused:
        return _round("coin", size, code[:1])
    if info.is_fiat:
        classes = f"flag flag-{size}" if size else "flag"
        picture = static(f"vendor/flags/{info.flag}.svg")
        return format_html(
            '<img class="{}" src="{}" alt="" width="22" height="22" loading="lazy">',
            classes,
            picture,
        )
    # Letters such as Ξ stand in every font; currency signs such as ₿ do not.
    sign = info.symbol if len(info.symbol) == 1 and info.symbol.isalpha() else code[:1]
    return _round(f"coin coin-{code.lower()}", size, sign)


def _round(classes: str, size: str, sign: str) -> SafeString:
    sized = f"{classes} coin-{size}" if size else classes
    return format_html('<span class="{}" aria-hidden="true">{}</span>', sized, sign)
