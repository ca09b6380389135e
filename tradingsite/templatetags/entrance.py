"""What do the pages at the door show beside their forms? A line of real rates, where keys work."""

from urllib.parse import urlsplit

from django import template
from django.forms import BoundField
from django.http import HttpRequest
from django.utils.safestring import SafeString

from accounts import second_factor
from accounts.models import User
from accounts.people import person
from market import sparklines
from tradingsite import sparkline

register = template.Library()


@register.simple_tag
def month_of(base: str, code: str) -> sparkline.Sparkline | None:
    """The last 30 daily closes as a line; None while there are none."""
    return sparkline.draw(sparklines.closes(base).get(code, ()))


@register.filter
def unprompted(field: BoundField) -> SafeString:
    """The field without a placeholder: one that repeats the label is noise."""
    return field.as_widget(attrs={"placeholder": ""})


@register.simple_tag(takes_context=True)
def second_factors(context: template.Context) -> second_factor.Factors:
    """What the person who looks has set up."""
    return second_factor.of(person(context["request"]))


@register.filter
def factors_of(user: User) -> second_factor.Factors:
    """What `user`, who is halfway through signing in, has set up."""
    return second_factor.of(user)


@register.simple_tag(takes_context=True)
def passkeys_need(context: template.Context) -> str:
    """Where passkeys work, if not at this address; empty where they do."""
    request: HttpRequest = context["request"]
    return second_factor.address_for_passkeys(urlsplit(request.build_absolute_uri()))


@register.filter
def in_fours(secret: str) -> list[str]:
    """A text to be typed off, in parts an eye can keep."""
    return [secret[start : start + 4] for start in range(0, len(secret), 4)]
