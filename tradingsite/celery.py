"""The Celery application: tasks are found in every app's `tasks.py`."""

import gc
import os
from typing import Any

from celery import Celery
from celery.signals import worker_before_create_process, worker_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tradingsite.settings")

app = Celery("tradingsite")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.steps["worker"].add("tradingsite.clockwork:ClockWatch")  # by name: the web loads no worker
app.set_default()  # else threads of the web would send tasks to an application of nobody's


@worker_init.connect  # type: ignore[untyped-decorator]  # before the clock's process is forked
@worker_before_create_process.connect  # type: ignore[untyped-decorator]
def keep_shared(**_: Any) -> None:
    """What was loaded before a fork stays shared: a child's collector would write on all of it."""
    gc.collect()
    gc.freeze()
