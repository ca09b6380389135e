"""When was it published? Dates of every shape that feeds write: RFC 822, ISO, named zones, and
months in the languages of their writers."""

import re
import unicodedata
from datetime import UTC, datetime, timedelta, timezone

# The beginning of each month's name in English, Portuguese, Spanish, French, German and Italian.
MONTHS = (
    *(("jan", "ene", "gen"), ("feb", "fev"), ("mar", "mrz"), ("apr", "abr", "avr")),
    *(("may", "mai", "mag"), ("jun", "juin", "giu"), ("jul", "juil", "lug"), ("aug", "ago", "aou")),
    *(("sep", "set"), ("oct", "out", "okt", "ott"), ("nov",), ("dec", "dez", "dic")),
)
NUMBERS = {name: number for number, names in enumerate(MONTHS, 1) for name in names}
# Hours east of Greenwich; where an abbreviation means several zones, the one of financial news.
ZONES = {
    **{"UT": 0.0, "UTC": 0.0, "GMT": 0.0, "Z": 0.0, "WET": 0.0, "BST": 1.0, "IST": 5.5},
    **{"EST": -5.0, "EDT": -4.0, "CST": -6.0, "CDT": -5.0, "MST": -7.0, "MDT": -6.0},
    **{"PST": -8.0, "PDT": -7.0, "BRT": -3.0, "BRST": -2.0, "ART": -3.0, "ET": -5.0},
    **{"CET": 1.0, "CEST": 2.0, "MEZ": 1.0, "MESZ": 2.0, "EET": 2.0, "EEST": 3.0, "MSK": 3.0},
    **{"HKT": 8.0, "SGT": 8.0, "JST": 9.0, "KST": 9.0, "AEST": 10.0, "AEDT": 11.0},
    **{"NZST": 12.0, "NZDT": 13.0},
}
TIME = r"(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:\.\d+)?)?\s*(?P<half>[ap]m)?"
ZONE = r"\s*(?P<zone>[a-z]{1,5}|[+-]\d\d:?\d\d)?\b"
DAY_FIRST = r"(?P<day>\d{1,2})\.?(?:\s+de)?[\s-]+(?P<month>[a-z]{3,})\.?(?:\s+de)?[\s,-]+"
MONTH_FIRST = r"(?P<month>[a-z]{3,})\.?\s+(?P<day>\d{1,2}),?\s+"
SHAPES = tuple(
    re.compile(rf"{day}(?P<year>\d{{4}}|\d\d)(?:[\s,]+(?:as|at)?\s*{TIME}{ZONE})?")
    for day in (DAY_FIRST, MONTH_FIRST)
)
CENTURY = 2000
LONGEST = 80


def moment(text: str) -> datetime | None:
    """The moment a date means, in UTC; None where it cannot be read. Without a zone it is UTC."""
    text = text.strip()[:LONGEST]
    try:
        return _aware(datetime.fromisoformat(text))
    except (ValueError, OverflowError):
        plain = unicodedata.normalize("NFKD", text.casefold())
        plain = "".join(char for char in plain if char.isascii())
    for shape in SHAPES:
        found = shape.search(plain)
        if found:
            return _written(found)
    return None


def _aware(at: datetime) -> datetime:
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)


def _written(found: re.Match[str]) -> datetime | None:
    month = NUMBERS.get(found["month"][:4]) or NUMBERS.get(found["month"][:3])
    year, hour = int(found["year"]), int(found["hour"] or 0)
    if found["half"]:
        hour = hour % 12 + (12 if found["half"] == "pm" else 0)
    try:
        return datetime(
            year if year > 99 else CENTURY + year,
            month or 0,
            int(found["day"]),
            hour,
            int(found["minute"] or 0),
            min(int(found["second"] or 0), 59),  # a leap second
            tzinfo=_zone(found["zone"] or ""),
        ).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _zone(text: str) -> timezone:
    if text[:1] in ("+", "-"):
        digits = text[1:].replace(":", "")
        offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
        return timezone(-offset if text[0] == "-" else offset)
    return timezone(timedelta(hours=ZONES.get(text.upper(), 0.0)))
