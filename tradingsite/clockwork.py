"""Which rows of the schedule does beat know, and what if it ends?

All rows that are switched on, so missed work is caught up: the library leaves out daily rows whose
hour is far, and so forgets those of a site that is never up at that hour. When a row last ran
stands in its own table, whatever ends in between.
"""

import os
from typing import Any

from celery import bootsteps
from celery.worker import state
from celery.worker.components import Beat
from django.db.models import QuerySet
from django_celery_beat.models import PeriodicTask
from django_celery_beat.schedulers import DatabaseScheduler

LOOK_EVERY_S = 5.0


class Scheduler(DatabaseScheduler):  # type: ignore[misc]
    """django-celery-beat's, for a schedule of some dozen rows."""

    def enabled_models_qs(self) -> "QuerySet[PeriodicTask]":
        """Every row that is switched on."""
        rows: QuerySet[PeriodicTask] = PeriodicTask.objects.enabled()
        return rows

    def install_default_entries(self, data: Any) -> None:
        """None: all that runs by itself stands in `schedule.py`."""


class ClockWatch(bootsteps.StartStopStep):  # type: ignore[misc]
    """A worker whose clock has ended leaves too: whoever keeps the worker starts both anew.

    Embedded beat ends with the first error of the database it reads its rows from, and the worker
    would run on without it for ever.
    """

    requires = (Beat,)

    def start(self, worker: Any) -> None:
        """Look at the clock now and then, where there is one."""
        if worker.beat:
            worker.timer.call_repeatedly(LOOK_EVERY_S, self.look, (worker,))

    def look(self, worker: Any) -> None:
        """Ask the worker to leave, after its running tasks, where the clock has ended."""
        if not worker.beat.is_alive():
            state.should_stop = os.EX_SOFTWARE
