"""A new migration while people convert: nothing lost, nothing doubled, nobody sees a failure."""

import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.stories.kills import judge
from tests.stories.kills.record import Tale, read
from tests.stories.kills.story import SHORT, crew
from tests.tradingsite.stack import OUTSIDE, Stack
from tradingsite.datafolder import OWNER_KEY, PROJECT, DataFolder

CALM = replace(SHORT, people=3, clients_each=2, pace_s=0.4)
SETTINGS = """
from tradingsite.settings import *
MIGRATION_MODULES = {"portfolio": "later"}
"""
LATER = """
from django.db import migrations, models
colour = models.CharField(max_length=9, db_default="")
class Migration(migrations.Migration):
    dependencies = [("portfolio", "LAST")]
    operations = [
        migrations.AddField("journalentry", "colour", colour),
        migrations.AddField("conversionquote", "colour", colour.clone()),
        migrations.AddField("tradingaccount", "colour", colour.clone()),
        migrations.CreateModel("Paint", [
            ("id", models.BigAutoField(primary_key=True)),
            ("account", models.ForeignKey("portfolio.TradingAccount", models.PROTECT)),
            ("entry", models.ForeignKey("portfolio.JournalEntry", models.PROTECT)),
        ]),
        migrations.AddIndex("journalentry", models.Index(fields=["colour"], name="by_colour")),
    ]
"""
OVERLOADED = 3.0  # so many processes for each core; there even a short lock lasts long
COLUMNS = "SELECT count(*) FROM information_schema.columns WHERE column_name = 'colour'"


@dataclass(frozen=True)
class Outcome:
    """What the migration said and took, what clients noted, and when it ran; monotonic seconds."""

    migration: "subprocess.CompletedProcess[str]"
    began: float
    ended: float
    load: float  # per core
    tale: Tale
    tables: "psycopg.Connection[Any]"


def later(folder: Path) -> dict[str, str]:
    """A next version of the code, with one migration more; the environment to run it in."""
    package = folder / "later"
    shutil.copytree(PROJECT / "portfolio" / "migrations", package)
    last = max(path.stem for path in package.glob("0*.py"))
    (package / "9999_later.py").write_text(LATER.replace("LAST", last))
    (folder / "later_settings.py").write_text(SETTINGS)
    path = f"{folder}:{PROJECT}"
    kept = {name: value for name, value in os.environ.items() if name not in OUTSIDE}
    return kept | {"PYTHONPATH": path, "DJANGO_SETTINGS_MODULE": "later_settings"}


def migrate(data: DataFolder, environment: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, str(PROJECT / "manage.py"), "prepare_database", "--migrate"]
    told = environment | {"DATA_DIR": str(data.root), "FEEDS": "replay"}
    return subprocess.run(command, env=told, capture_output=True, text=True, check=False)


def own(data: DataFolder) -> "psycopg.Connection[Any]":
    return psycopg.connect(data.database_url(f"postgres:{data.key(OWNER_KEY)}"))


def read_slowly(data: DataFolder, seconds: float) -> None:
    """A report that takes its time: while it reads, its tables cannot be changed."""
    with own(data) as connection:
        connection.execute(
            "LOCK TABLE portfolio_journalentry, portfolio_posting IN ACCESS SHARE MODE"
        )
        time.sleep(seconds)


@pytest.fixture(scope="module")
def outcome(long: bool, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outcome]:
    """Clients convert before, during and after; a slow reader is in the way."""
    folder, calm_s = tmp_path_factory.mktemp("migration"), 20.0 if long else 1.5
    with Stack(folder / "data") as stack, ThreadPoolExecutor(16) as threads:
        stop = threading.Event()
        works = [threads.submit(one.work, stop) for one in crew(stack, CALM, folder, seed="calm")]
        try:
            time.sleep(calm_s)
            slow = threads.submit(read_slowly, stack.data, 20.0 if long else 4.0)
            began = time.monotonic()
            migration = migrate(stack.data, later(folder))
            ended, load = time.monotonic(), os.getloadavg()[0] / (os.cpu_count() or 1)
            time.sleep(calm_s)
        finally:
            stop.set()
        for work in (*works, slow):
            work.result()
        with own(stack.data) as tables:
            yield Outcome(migration, began, ended, load, read(folder), tables)


def test_the_migration_is_applied_under_load(outcome: Outcome, say: Callable[[str], None]) -> None:
    took, done = outcome.ended - outcome.began, len(outcome.tale.acknowledged)
    say(f"migration: {took:.1f} s, {done} conversions meanwhile, none failed")
    assert outcome.migration.returncode == 0, outcome.migration.stderr
    assert outcome.tables.execute(COLUMNS).fetchone() == (3,)


def test_nobody_sees_a_failure(outcome: Outcome) -> None:
    """Where the machine is overloaded, each client may once be told to try again in a moment."""
    seen = [f"{one.step}: {one.why}" for one in outcome.tale.failures]
    if outcome.load > OVERLOADED and len(seen) <= CALM.people * CALM.clients_each:
        seen = [one for one in seen if "try again in a moment" not in one]
    assert seen == []
    times = [at for at, _ in outcome.tale.milliseconds]
    assert any(outcome.began < at < outcome.ended for at in times)
    assert any(at > outcome.ended for at in times)


def test_nothing_is_lost_and_nothing_doubled(outcome: Outcome) -> None:
    assert judge.faults(outcome.tables, outcome.tale) == []
