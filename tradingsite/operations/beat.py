"""When did each scheduled task last run, when is it next due, and how late is it?"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django_celery_beat.models import PeriodicTask

from core import clock

SYNCED = timedelta(seconds=30)  # beat writes down its runs in batches: so much is no delay


@dataclass(frozen=True, slots=True)
class Job:
    """One row of the schedule; `late` is zero for one that is on time or switched off."""

    name: str
    task: str
    enabled: bool
    last_run_at: datetime | None
    next_run_at: datetime | None
    late: timedelta


def jobs() -> list[Job]:
    """The whole schedule, the latest first."""
    now = clock.now()
    rows = PeriodicTask.objects.select_related("interval", "crontab", "solar", "clocked")
    return sorted((_job(row, now) for row in rows), key=lambda job: (-job.late, job.name))


def _job(row: PeriodicTask, now: datetime) -> Job:
    if not row.enabled or row.last_run_at is None:
        return Job(row.name, row.task, row.enabled, row.last_run_at, None, timedelta())
    due = now + row.schedule.remaining_estimate(row.last_run_at)
    late = max(timedelta(), now - due - SYNCED)
    return Job(row.name, row.task, row.enabled, row.last_run_at, due, late)
