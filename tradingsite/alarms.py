"""Who hears when something breaks? Staff, by mail, when it turns red and when it is well again.

What was red at two looks in a row, a minute apart, is no hiccup. What is already known to be red
is remembered in Redis: if that is emptied, staff hear of it once more.
"""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.core.cache import cache
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Min
from redis import RedisError

from accounts import letters, people
from core import clock
from portfolio import proofs, seal_check, seal_proofs
from tradingsite.backup import report
from tradingsite.examination import Examination, examine

SEEN, TOLD = "alarms:seen", "alarms:told"
KEPT_S = 30 * 24 * 3600
DISK_MIN_BYTES = 2**30
BACKUP_AGE_MAX = timedelta(hours=2)
UNSEALED_MAX = timedelta(minutes=5)
STARTING = timedelta(minutes=10)  # a house that was away makes its first backup within these
_began = clock.now()


@dataclass(frozen=True, slots=True)
class Turn:
    """What changed at one look: troubles by check that staff were told of, and what is well."""

    red: Mapping[str, str]
    well: tuple[str, ...]


def look() -> Turn:
    """Examine the house and write to staff about what has changed. Raises RedisError."""
    troubles = found(examine())
    seen: Mapping[str, str] = cache.get(SEEN, {})
    told: Mapping[str, str] = cache.get(TOLD, {})
    quiet = {*told, "backup"} if clock.now() - _began < STARTING else told
    red = {name: why for name, why in troubles.items() if name in seen and name not in quiet}
    well = tuple(name for name in told if name not in troubles)
    known = {name: why for name, why in {**told, **red}.items() if name not in well}
    cache.set(SEEN, troubles, KEPT_S)
    cache.set(TOLD, known, KEPT_S)
    if red:
        _write("alarm", red)
    if well:
        _write("alarm_over", dict.fromkeys(well, ""))
    return Turn(red, well)


def red(examination: Examination) -> dict[str, str]:
    """What is red now; of what only Redis knows nothing while that is away."""
    try:
        return found(examination)
    except RedisError:
        return {name: why for name, why in examination.troubles.items() if why}


def found(examination: Examination) -> dict[str, str]:
    """Every check that is red, with its trouble in a sentence. Raises RedisError."""
    troubles = {name: why for name, why in examination.troubles.items() if why}
    for source, state in examination.feeds.items():
        if state != "ok":
            troubles[f"source {source}"] = f"The source {source} is {state}."
    own = {"books": _books(), "backup": _backup(), "seals": _seals(), "disk": _disk()}
    return troubles | {name: why for name, why in own.items() if why}


def _books() -> str:
    proof = proofs.latest()
    if proof and proof.broken:
        return f"The books do not hold: {', '.join(proof.broken)}. Run manage.py check_books."
    return ""


def _backup() -> str:
    last = report.last(settings.BACKUP_REPORT)
    if last and last.trouble:
        return f"The last backup failed: {last.trouble}"
    newest = last.made if last and last.made else None
    if clock.now() - (newest or _installed()) > BACKUP_AGE_MAX:
        since = f"since {newest:%d %b %H:%M} UTC" if newest else "yet"
        return f"No backup was made {since}: the hourly job does not run."
    if last and last.strangers:
        return f"Backups leave out what is not ours among our tables: {last.strangers}."
    return ""


def _installed() -> datetime:
    """When the first table was made: who never made a backup owes one from then on."""
    first = MigrationRecorder.Migration.objects.aggregate(at=Min("applied"))["at"]
    return first or clock.now()


def _seals() -> str:
    if trouble := seal_proofs.trouble():
        return f"{trouble} Run manage.py check_audit."
    since = seal_check.unsealed_since()
    if since and clock.now() - since > UNSEALED_MAX:
        return f"Rows of the trail or the journal wait for their seal since {since:%H:%M} UTC."
    return ""


def _disk() -> str:
    free = shutil.disk_usage(settings.DATA.root).free
    if free > DISK_MIN_BYTES:
        return ""
    return f"Only {free / 2**20:.0f} MB are free where the data lies."


def _write(letter: str, checks: Mapping[str, str]) -> None:
    lines = [why or name for name, why in checks.items()]
    for address in people.staff_addresses():
        letters.send(
            letters.write(letter, to=address, lines=lines, names=", ".join(checks), at=clock.now())
        )
