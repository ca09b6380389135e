"""Where do tasks' failures go, and what if the database is what failed?

They go to PostgreSQL for the operations page, and nothing else does. A failure that cannot be kept
there is told by its line in the log alone: an error raised here would leave the task's place in the
worker taken for good, and four such tasks would leave the worker with nothing to do.
"""

from typing import Any

import structlog
from celery import states
from django.db import Error, close_old_connections
from django_celery_results.backends import DatabaseBackend

log = structlog.get_logger(__name__)


class Failures(DatabaseBackend):  # type: ignore[misc]
    """django-celery-results', for failures alone and without errors of its own."""

    def store_result(self, task_id: str, result: Any, state: str, *given: Any, **named: Any) -> Any:
        """Keep a failure where that is possible; what else became of a task nobody looks at."""
        if state != states.FAILURE:
            return result
        try:
            return super().store_result(task_id, result, state, *given, **named)
        except Error as error:
            log.warning("failure_not_kept", task_id=task_id, error=str(error))
            close_old_connections()  # threads that only watch tasks have nobody else to do it
            return result
