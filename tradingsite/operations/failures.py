"""Which tasks failed lately, with what, and how is one sent again?

Celery's results are kept in PostgreSQL for failures alone; see `tradingsite/settings/tasks.py`.
"""

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from celery import current_app, states
from django_celery_results.models import TaskResult

from core.errors import Code, Refused
from core.masking import masked

SHOWN = 50


@dataclass(frozen=True, slots=True)
class Failure:
    """One failed task; `error` is the last line of its traceback, without secrets."""

    id: int
    task: str
    arguments: str
    failed_at: datetime
    error: str


def latest() -> list[Failure]:
    """The newest failures."""
    rows = TaskResult.objects.filter(status=states.FAILURE).order_by("-date_done")[:SHOWN]
    return [
        Failure(
            row.pk,
            row.task_name or "",
            masked(f"{row.task_args or ''} {row.task_kwargs or ''}".strip()),
            row.date_done,
            masked(_last_line(row.traceback or row.result or "")),
        )
        for row in rows
    ]


def again(failure_id: int) -> str:
    """Send a failed task once more and take it off the list; its name.

    Raises Refused where there is no such failure, or its arguments cannot be read.
    """
    row = TaskResult.objects.filter(pk=failure_id, status=states.FAILURE).first()
    if row is None or not row.task_name:
        raise Refused(Code.NOT_FOUND, "There is no such failed task.")
    args, kwargs = _read(row.task_args, ()), _read(row.task_kwargs, {})
    if not isinstance(args, Sequence) or not isinstance(kwargs, Mapping):
        raise Refused(Code.MALFORMED, "Its arguments were too long to be kept.")
    current_app.send_task(row.task_name, args=list(args), kwargs=dict(kwargs))
    row.delete()
    return str(row.task_name)


def _read(text: str | None, nothing: Any) -> Any:
    """Arguments as Celery writes them down: the representation of a tuple, in quotes or not."""
    value: Any = text
    for _ in range(2):
        if not isinstance(value, str):
            break
        try:
            value = ast.literal_eval(value)
        except (ValueError, SyntaxError):
            return None
    return nothing if value is None else value


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1][:300] if lines else ""
