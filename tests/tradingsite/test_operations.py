"""The operations page: what it says, and what it lets whom do."""

import json
import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from celery import current_app
from celery.app.task import Context
from django.test import Client
from django_celery_beat.models import PeriodicTask
from django_celery_results.models import TaskResult
from pytest_django.fixtures import Settings

from accounts import audit
from accounts.models import AuditRecord, User
from core import clock
from core.push import redis_client
from market.models import Rejection, SourceHealth
from portfolio import seals
from tests.accounts import people
from tradingsite import examination
from tradingsite.operations import beat, failures, feeds, queues, tables

pytestmark = pytest.mark.django_db
PAGE = "/admin/operations/"


@pytest.fixture
def waiting() -> Any:
    """Empty queues, before and after."""
    redis_client().delete("celery", "quant")
    yield redis_client()
    redis_client().delete("celery", "quant")


def staff(client: Client, *, is_superuser: bool = True) -> User:
    user = people.make("dana", is_staff=True, is_superuser=is_superuser)
    people.enter_as_staff(client, user)
    return user


def fail(task: str = "market.poll", args: tuple[object, ...] = ("kraken",)) -> TaskResult:
    """What a worker leaves of a task that raised."""
    request = Context(
        task=task, args=args, kwargs={}, argsrepr=repr(args), kwargsrepr="{}", hostname="w@here"
    )
    error = ValueError("postgresql://site_app:hunter2-canary@db/site is away")
    task_id = str(uuid4())
    current_app.backend.store_result(
        task_id, error, "FAILURE", traceback=f"Traceback:\n  {error!r}", request=request
    )
    return TaskResult.objects.get(task_id=task_id)


def test_it_says_how_the_house_does(client: Client) -> None:
    staff(client)
    text = client.get(PAGE).content.decode()
    for words in ("Tasks waiting", "Backups", "at most one hour", "Look after the house", "Books"):
        assert words in text


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_it_says_what_waits_for_a_seal_and_how_long(client: Client) -> None:
    staff(client)
    seals.seal()
    text = client.get(PAGE).content.decode()
    assert text.count("nothing waits for a seal") == 2
    audit.note("one")
    text = client.get(PAGE).content.decode()
    assert re.search(r"Audit: 1 row waits for a seal, the oldest for \d\.\d.s", text)


def test_it_says_of_each_feed_how_it_does(client: Client, settings: Settings) -> None:
    staff(client)
    settings.FEEDS = ["kraken", "coinbase", "ecb"]
    examination._last.clear()
    now = clock.now()
    for name, state in (("kraken", "ok"), ("coinbase", "troubled"), ("binance", "ok")):
        made = {"last_success_at": now - timedelta(minutes=4), "rejected": 1234}
        SourceHealth.objects.create(name=name, state=state, **made)
    minute = now.replace(second=0, microsecond=0)
    refused = {"source": "coinbase", "sample": "", "minute": minute, "count": 7}
    Rejection.objects.create(reason="jump", symbol="EUR-USD", **refused)
    Rejection.objects.create(reason="jump", symbol="GBP-USD", **refused)
    rows = tables.feeds(feeds.now())["rows"]
    states = {row[0]: re.sub(r"<[^>]+>", "", row[1]).strip() for row in rows}
    assert states == {
        **{"Binance": "switched off", "Kraken": "ok", "Coinbase": "troubled"},
        "ECB fixing": "never heard of",
    }
    assert rows[1][2:] == ["4\xa0min", "never", "0", "1,234", "14", "-"]
    assert ["red" in row[1] for row in rows] == [False, True, True, False]
    assert "The source coinbase is troubled." in client.get(PAGE).content.decode()


def test_the_simulated_market_stands_in_where_nobody_named_it(settings) -> None:
    at = clock.now()
    for name in ("replay", "binance"):
        SourceHealth.objects.create(name=name, state="ok", last_success_at=at)
    settings.FEEDS = ["kraken"]
    states = {feed.title: feed.state for feed in feeds.now() if feed.answered_at == at}
    assert states == {"Simulated market": "stands in", "Binance": "switched off"}


def test_what_is_red_is_said_first_and_in_words(client: Client) -> None:
    staff(client)
    examination._last.clear()
    redis_client().delete("alive:beat", "alive:publisher")
    text = re.sub(r"<[^>]+>|\s+", " ", client.get(PAGE).content.decode())
    assert re.search(r"Red now .*error +red +Beat : The beat was never heard of\.", text)


def test_it_lists_what_failed_without_secrets(client: Client) -> None:
    staff(client)
    fail()
    text = client.get(PAGE).content.decode()
    assert "market.poll" in text
    assert "kraken" in text
    assert "hunter2-canary" not in text


def test_a_failed_task_is_sent_again_with_its_arguments(client: Client, waiting: Any) -> None:
    staff(client)
    row = fail()
    answer = client.post(f"{PAGE}failures/{row.pk}/again/")
    assert answer.status_code == 302
    message = json.loads(waiting.lindex("celery", 0))
    assert message["headers"]["task"] == "market.poll"
    assert message["headers"]["argsrepr"] == "['kraken']"
    assert not TaskResult.objects.filter(pk=row.pk).exists()
    assert AuditRecord.objects.filter(event="sent a task again").exists()


def test_plain_staff_may_look_and_not_send(client: Client, waiting: Any) -> None:
    staff(client, is_superuser=False)
    row = fail()
    assert client.get(PAGE).status_code == 200
    assert client.post(f"{PAGE}failures/{row.pk}/again/").status_code == 403
    assert waiting.llen("celery") == 0
    assert TaskResult.objects.filter(pk=row.pk).exists()


def test_people_do_not_find_it(client: Client) -> None:
    people.make("alice")
    people.sign_in(client)
    assert client.get(PAGE).status_code == 403


def test_a_queue_is_as_long_as_what_waits(waiting: Any) -> None:
    current_app.send_task("market.poll", args=["kraken"])
    current_app.send_task("market.quant.refresh")
    current_app.send_task("market.quant.refresh")
    assert [(one.name, one.waiting) for one in queues.waiting()] == [("quant", 2), ("worker", 1)]


def test_a_task_that_did_not_run_is_late() -> None:
    row = PeriodicTask.objects.get(task="tradingsite.alive")
    row.last_run_at = clock.now() - timedelta(minutes=5)
    row.save()
    job = next(job for job in beat.jobs() if job.task == "tradingsite.alive")
    assert 200 < job.late.total_seconds() < 300
    row.enabled = False
    row.save()
    job = next(job for job in beat.jobs() if job.task == "tradingsite.alive")
    assert not job.late


@pytest.mark.parametrize("text", ["('kraken',)", "\"('kraken',)\"", "\"['kraken']\""])
def test_arguments_are_read_as_celery_writes_them(text: str) -> None:
    assert list(failures._read(text, ())) == ["kraken"]


def test_arguments_that_were_cut_are_not_guessed() -> None:
    assert failures._read("('kra...", ()) is None
