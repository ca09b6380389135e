"""Which small picture stands for a thing? Icons from the sprite, flags and coins of currencies."""

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

FLAGS = {"EUR": "eu", "CNY": "cn"}
COIN_SIGNS = {
    "BTC": "₿",
    "ETH": "Ξ",
    "SOL": "S",
    "XRP": "X",
    "LTC": "Ł",
    "ADA": "₳",
    "DOGE": "Ð",
    "DOT": "●",
    "USDT": "₮",
    "USDC": "$",
}


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
    if sign := COIN_SIGNS.get(code):
        classes = f"coin coin-{code.lower()}" + (f" coin-{size}" if size else "")
        return format_html('<span class="{}" aria-hidden="true">{}</span>', classes, sign)
    country = FLAGS.get(code, code[:2].lower())
    classes = "flag" + (f" flag-{size}" if size else "")
    picture = static(f"vendor/flags/{country}.svg")
    return format_html('<img class="{}" src="{}" alt="" width="22" height="22">', classes, picture)
