"""Which rows of the schedule does beat know, and what if it ends?

All rows that are switched on, so missed work is caught up: the library leaves out daily rows whose
hour is far, and so forgets those of a site that is never up at that hour. When a row last ran
stands in its own table, whatever ends in between. A machine's clock may be set back by hours, once
it has asked what time it is: nothing waits until the time comes that was thought to have been.
"""

import os
import signal
from typing import Any

from celery import bootsteps
from celery.signals import beat_embedded_init
from celery.worker import state
from celery.worker.components import Beat
from django.db.models import QuerySet
from django_celery_beat.models import PeriodicTask
from django_celery_beat.schedulers import DatabaseScheduler, ModelEntry

from core import clock
from tradingsite.supervisor import kernel

LOOK_EVERY_S = 5.0
SET_BACK_S = 1.0
WORKER = os.getpid()  # it loads this file before it forks its clock


class Row(ModelEntry):  # type: ignore[misc]
    """django-celery-beat's; one that ran in what is the future now has run just now."""

    def is_due(self) -> Any:
        """Whether it is time, and the seconds to the next look."""
        self.last_run_at = min(self.last_run_at, self._default_now())  # type: ignore[has-type]
        return super().is_due()


class Scheduler(DatabaseScheduler):  # type: ignore[misc]
    """django-celery-beat's, for a schedule of some dozen rows."""

    Entry = Row

    def __init__(self, *given: Any, **named: Any) -> None:
        self.watch = clock.Watch()
        super().__init__(*given, **named)

    def tick(self, *given: Any, **named: Any) -> Any:
        """One look; where the clock was set back, at all rows, whenever they were thought due."""
        if self.watch.set_back_s() > SET_BACK_S:
            self._heap = None
        return super().tick(*given, **named)

    def enabled_models_qs(self) -> "QuerySet[PeriodicTask]":
        """Every row that is switched on."""
        rows: QuerySet[PeriodicTask] = PeriodicTask.objects.enabled()
        return rows

    def install_default_entries(self, data: Any) -> None:
        """None: all that runs by itself stands in `schedule.py`."""


@beat_embedded_init.connect  # type: ignore[untyped-decorator]
def end_with_the_worker(**_: Any) -> None:
    """A worker that is killed takes its clock along, also where nobody is left to see to it."""
    kernel.end_with_parent(signal.SIGTERM)
    if os.getppid() != WORKER:  # it was killed before the kernel knew
        os.kill(os.getpid(), signal.SIGTERM)


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
