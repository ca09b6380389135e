"""When is a backup made, and which ones are kept?

One an hour; the newest 24 stay, and the first of each of the last 14 days. So at most an hour of
work is lost where the disk is; minutes are the business of a managed database's own archive.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from tradingsite.backup.archive import moment

EVERY = timedelta(hours=1)
PUNCTUALITY = timedelta(minutes=2)  # started by a clock that drifts: early by so much is due
HOURS_KEPT, DAYS_KEPT = 24, 14


def is_due(ids: Sequence[str], *, at: datetime) -> bool:
    """Whether the newest backup is an hour old, or there is none."""
    return not ids or at - moment(max(ids)) >= EVERY - PUNCTUALITY


def superfluous(ids: Sequence[str]) -> list[str]:
    """Those that are neither among the newest 24 nor the first of one of the last 14 days."""
    newest_first = sorted(ids, reverse=True)
    first_of_day: dict[str, str] = {}
    for one in newest_first:
        first_of_day[one[:10]] = one  # the oldest of a day is seen last
    daily = [first_of_day[day] for day in sorted(first_of_day, reverse=True)[:DAYS_KEPT]]
    return sorted(set(ids) - set(newest_first[:HOURS_KEPT]) - set(daily))
