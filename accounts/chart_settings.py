"""What may a person's chart settings say? What our pages read is checked, the rest only kept."""

import json
import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from core.errors import Code, Refused

BYTES_MAX = 8 * 1024
STUDIES_MAX = 12
PARAMETERS_MAX = 6
INTERVALS = ("1m", "5m", "15m", "1h", "4h", "1d")
KINDS = ("auto", "candles", "line")
SWITCHES = ("log", "volume", "events")
NAME = re.compile(r"[a-z][a-z0-9_]{0,30}")
SYMBOL = re.compile(r"[A-Z0-9]{2,12}-[A-Z0-9]{2,12}")


def check(settings: object) -> dict[str, Any]:
    """The settings as they are kept; raises Refused `malformed` naming what does not fit.

    `interval`, `kind` (auto, candles, line), `log`, `volume`, `events` (yes or no), `compare`
    (a symbol, or empty) and `studies`: a list of `{"name", "parameters": {name: number as text}}`.
    Programs may keep names of their own beside these.
    """
    if not isinstance(settings, Mapping) or len(json.dumps(settings)) > BYTES_MAX:
        raise _unfit("Chart settings are an object of at most 8 KB.")
    for name, value in settings.items():
        if not _fits(name, value):
            raise _unfit(f"The chart's {name} cannot be that.")
    return dict(settings)


def _fits(name: str, value: object) -> bool:
    if name == "interval":
        return value in INTERVALS
    if name == "kind":
        return value in KINDS
    if name in SWITCHES:
        return isinstance(value, bool)
    if name == "compare":
        return value == "" or (isinstance(value, str) and SYMBOL.fullmatch(value) is not None)
    return name != "studies" or _are_studies(value)


def _are_studies(value: object) -> bool:
    return isinstance(value, list) and len(value) <= STUDIES_MAX and all(map(_is_study, value))


def _is_study(value: object) -> bool:
    if not isinstance(value, dict) or value.keys() != {"name", "parameters"}:
        return False
    parameters = value["parameters"]
    return (
        _is_name(value["name"])
        and isinstance(parameters, dict)
        and len(parameters) <= PARAMETERS_MAX
        and all(_is_name(name) and _is_number(number) for name, number in parameters.items())
    )


def _is_name(value: object) -> bool:
    return isinstance(value, str) and NAME.fullmatch(value) is not None


def _is_number(value: object) -> bool:
    if not isinstance(value, str) or len(value) > 12:
        return False
    try:
        return Decimal(value).is_finite()
    except InvalidOperation:
        return False


def _unfit(message: str) -> Refused:
    return Refused(Code.MALFORMED, message, field="chart")
