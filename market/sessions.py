"""Is the foreign exchange market in its day, its night or its weekend?"""

from datetime import UTC, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

Session = Literal["day", "night", "weekend"]

NEW_YORK = ZoneInfo("America/New_York")
TURN = time(17)  # the FX week closes on Friday and opens on Sunday at 17:00 in New York
FRIDAY, SATURDAY, SUNDAY = 4, 5, 6
DAY_STARTS, DAY_ENDS = time(7), time(21)  # UTC


def session(at: datetime) -> Session:
    """The session of FX at an aware moment: `day` is Monday to Friday, 07:00-21:00 UTC."""
    if is_weekend(at):
        return "weekend"
    utc = at.astimezone(UTC)
    working = utc.weekday() < SATURDAY and DAY_STARTS <= utc.time() < DAY_ENDS
    return "day" if working else "night"


def is_weekend(at: datetime) -> bool:
    """Between Friday 17:00 and Sunday 17:00 in New York, summer or winter."""
    there = at.astimezone(NEW_YORK)
    if there.weekday() == FRIDAY:
        return there.time() >= TURN
    if there.weekday() == SUNDAY:
        return there.time() < TURN
    return there.weekday() == SATURDAY


def closes_in(at: datetime) -> timedelta | None:
    """How long FX stays open; None while it is closed."""
    return None if is_weekend(at) else _next(FRIDAY, at) - at


def opens_in(at: datetime) -> timedelta | None:
    """How long FX stays closed; None while it is open."""
    return _next(SUNDAY, at) - at if is_weekend(at) else None


def _next(weekday: int, at: datetime) -> datetime:
    """The next 17:00 in New York on that weekday, counted on the calendar there."""
    there = at.astimezone(NEW_YORK)
    date = there.date() + timedelta(days=(weekday - there.weekday()) % 7)
    return datetime.combine(date, TURN, NEW_YORK).astimezone(UTC)
