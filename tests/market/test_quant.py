"""Does heavy work stay in the process that is there for it?"""

import gc
import subprocess
import sys

from celery import current_app
from django.conf import settings

from market import quant
from tests.tidy.tree import PROJECT
from tradingsite.celery import app, keep_shared

LIGHT = """
import sys
from tradingsite.celery import app
app.loader.import_default_modules()
print(" ".join(app.tasks))
print(" ".join(sys.modules))
"""
HEAVY = {"numpy", "talib", "pandas", "pyarrow"}


def python(code: str) -> list[set[str]]:
    command = [sys.executable, "-c", code]
    run = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True)
    return [set(line.split()) for line in run.stdout.splitlines()]


def test_a_worker_knows_every_heavy_task_and_has_loaded_none_of_their_rooms() -> None:
    tasks, modules = python(LIGHT)
    assert "market.quant.follow" in tasks
    assert modules & HEAVY == set()


def test_indicators_are_computed_without_pandas() -> None:
    (modules,) = python("import market.indicators, sys; print(' '.join(sys.modules))")
    assert modules & HEAVY == {"numpy", "talib"}


def test_heavy_tasks_have_a_queue_of_their_own_and_light_ones_have_not() -> None:
    route = app.amqp.router.route
    assert route({}, "market.quant.follow")["queue"].name == "quant"
    assert route({}, "market.poll")["queue"].name == "celery"


def test_what_was_loaded_before_a_fork_is_left_alone_by_the_collector() -> None:
    keep_shared()
    try:
        assert gc.get_freeze_count() > 100_000
    finally:
        gc.unfreeze()


def test_a_room_is_called_by_its_name() -> None:
    assert quant.call("math:hypot", 3, 4) == 5


def test_every_thread_sends_its_tasks_to_our_broker() -> None:
    sent = "import django, threading; django.setup(); from celery import current_app as app\n"
    asked = "threading.Thread(target=lambda: print(app.conf.broker_url)).start()"
    ((address,),) = (sorted(line) for line in python(sent + asked))
    assert address == settings.CELERY_BROKER_URL == current_app.conf.broker_url
