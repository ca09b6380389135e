"""Which rows of the schedule does beat know? All that are switched on, so missed work is caught up.

The library leaves out daily rows whose hour is far, and so forgets those of a site that is never
up at that hour. When a row last ran stands in its own table, whatever ends in between.
"""

from typing import Any

from django.db.models import QuerySet
from django_celery_beat.models import PeriodicTask
from django_celery_beat.schedulers import DatabaseScheduler


class Scheduler(DatabaseScheduler):  # type: ignore[misc]
    """django-celery-beat's, for a schedule of some dozen rows."""

    def enabled_models_qs(self) -> "QuerySet[PeriodicTask]":
        """Every row that is switched on."""
        rows: QuerySet[PeriodicTask] = PeriodicTask.objects.enabled()
        return rows

    def install_default_entries(self, data: Any) -> None:
        """None: all that runs by itself stands in `schedule.py`."""
