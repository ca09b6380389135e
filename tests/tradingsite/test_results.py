"""What is kept of a task that failed, and what if the database is away just then?"""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from celery import Task, current_app, states
from celery.app.trace import build_tracer
from django.db import connections
from django_celery_results.models import TaskResult

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


@pytest.fixture
def failing() -> Iterator[Task]:
    @current_app.task(name="tests.failing")  # type: ignore[untyped-decorator]
    def fail() -> None:
        raise ValueError("it does not work")

    yield fail
    current_app.tasks.unregister(fail.name)


@pytest.fixture
def unwritable() -> Iterator[None]:
    by_owner("REVOKE INSERT ON django_celery_results_taskresult FROM site_app")
    yield
    by_owner("GRANT INSERT ON django_celery_results_taskresult TO site_app")


def by_owner(statement: str) -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute(statement)


def failed(task: Task, task_id: str) -> bool:
    """Whether a worker's thread is told that the task failed: then its place is free again."""
    run = build_tracer(task.name, task, app=current_app)
    return run(task_id, (), {}, {"id": task_id}).info is not None


def test_a_failure_is_kept(failing: Task) -> None:
    task_id = str(uuid4())
    assert failed(failing, task_id)
    assert TaskResult.objects.get(task_id=task_id).status == states.FAILURE


def test_a_failure_that_cannot_be_kept_frees_its_place_in_the_worker(
    failing: Task, unwritable: None
) -> None:
    task_id = str(uuid4())
    assert failed(failing, task_id)
    assert not TaskResult.objects.filter(task_id=task_id).exists()


@pytest.mark.parametrize("state", [states.RETRY, states.REVOKED])
def test_what_is_tried_again_or_came_too_late_leaves_no_row(state: str) -> None:
    current_app.backend.store_result(str(uuid4()), ValueError(), state)
    assert not TaskResult.objects.exists()
