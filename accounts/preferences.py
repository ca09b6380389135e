"""What does a person prefer? Defaults for everybody, changed one by one."""

import zoneinfo
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import transaction

from accounts import audit, chart_settings, defaults
from accounts.actors import SYSTEM, Actor
from accounts.models import Preference, User
from core.errors import Code, Refused
from market import catalog


@dataclass(frozen=True, slots=True)
class Preferences:
    """One person's settings; `quote_seconds` is how long a conversion rate is held for them."""

    base_currency: str = "USD"
    time_zone: str = "UTC"
    theme: str = Preference.Theme.SYSTEM.value
    quote_seconds: int = 15
    chart: Mapping[str, Any] = field(default_factory=dict)


DEFAULTS = Preferences()


def of(user: User | AnonymousUser) -> Preferences:
    """The settings of `user`; the defaults for somebody who is not signed in."""
    if not isinstance(user, User):
        return DEFAULTS
    try:
        return _as_values(user.preference)  # asked many times a page, read once
    except Preference.DoesNotExist:
        return DEFAULTS


def change(
    user: User,
    *,
    base_currency: str | None = None,
    time_zone: str | None = None,
    theme: str | None = None,
    quote_seconds: int | None = None,
    chart: Mapping[str, Any] | None = None,
    by: Actor = SYSTEM,
) -> Preferences:
    """Set what is given and leave the rest; what is new stands in the audit trail, but for `chart`.

    Raises Refused `unknown_currency` or `malformed`; then nothing has changed.
    """
    given = {
        "base_currency": None if base_currency is None else _base(base_currency),
        "time_zone": None if time_zone is None else _zone(time_zone),
        "theme": None if theme is None else _theme(theme),
        "quote_seconds": None if quote_seconds is None else _quote_seconds(quote_seconds),
        "chart": None if chart is None else chart_settings.check(chart),
    }
    changed = {name: value for name, value in given.items() if value is not None}
    kept = asdict(of(user))
    with transaction.atomic():
        user.preference, _ = Preference.objects.update_or_create(user=user, defaults=changed)
        new = {name: value for name, value in changed.items() if value != kept[name]}
        if new.keys() - {"chart"}:
            new.pop("chart", None)
            old = {name: kept[name] for name in new}
            audit.note("preferences changed", by=by, person=user, before=old, after=new)
    return _as_values(user.preference)


def time_zones() -> tuple[str, ...]:
    """Every time zone a person may choose, `UTC` first."""
    return ("UTC", *sorted(zone for zone in zoneinfo.available_timezones() if "/" in zone))


def _as_values(row: Preference) -> Preferences:
    return Preferences(
        row.base_currency, row.time_zone, row.theme, row.quote_seconds, chart=row.chart
    )


def _base(code: str) -> str:
    if code.upper() not in catalog.bases():
        raise Refused(Code.UNKNOWN_CURRENCY, "That is not a currency we list.", currency=code)
    return code.upper()


def _zone(name: str) -> str:
    if name not in zoneinfo.available_timezones():
        raise Refused(Code.MALFORMED, "That is not a time zone we know.", field="time_zone")
    return name


def _theme(name: str) -> str:
    if name not in Preference.Theme.values:
        raise Refused(Code.MALFORMED, "The theme is system, light or dark.", field="theme")
    return name


def _quote_seconds(seconds: int) -> int:
    if isinstance(seconds, bool) or seconds not in defaults.QUOTE_SECONDS:
        raise Refused(
            Code.MALFORMED, "A rate can be held for 15, 30 or 60 seconds.", field="quote_seconds"
        )
    return seconds
