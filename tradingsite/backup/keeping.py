"""When is a backup made, which ones are kept, and how did the last try end?

One an hour; the newest 24 stay, and the first of each of the last 14 days. So at most an hour of
work is lost where the disk is; minutes are the business of a managed database's own archive.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path

from tradingsite.backup.archive import Manifest, moment

EVERY = timedelta(hours=1)
PUNCTUALITY = timedelta(minutes=2)  # started by a clock that drifts: early by so much is due
HOURS_KEPT, DAYS_KEPT = 24, 14


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the last try went, for the operations page; `trouble` is empty where it went well."""

    tried_at: str
    made_at: str = ""
    size: int = 0
    kept: int = 0
    trouble: str = ""


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


def succeeded(made: Manifest, *, kept: int, at: datetime) -> Outcome:
    """The outcome of a backup that was made."""
    return Outcome(at.isoformat(), made.made_at.isoformat(), made.size, kept)


def remember(path: Path, outcome: Outcome) -> None:
    """Write how it went where the site's processes look."""
    draft = path.with_suffix(".new")
    draft.write_text(json.dumps(asdict(outcome), indent=1))
    draft.replace(path)


def last(path: Path) -> Outcome | None:
    """How the last try went; None where there was none."""
    try:
        return Outcome(**json.loads(path.read_text()))
    except (OSError, ValueError, TypeError):
        return None
