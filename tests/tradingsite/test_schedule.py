"""The table of what happens by itself, as staff find it."""

from datetime import timedelta
from typing import Any

import pytest
from celery import current_app
from celery.beat import event_t
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from accounts import tasks as accounts
from core import clock
from market import tasks as market
from portfolio import tasks as portfolio
from tradingsite import schedule
from tradingsite import tasks as house
from tradingsite.clockwork import Scheduler

pytestmark = pytest.mark.django_db


def test_every_live_source_is_polled_every_five_seconds() -> None:
    schedule.load()
    for title, name in (("Kraken", "kraken"), ("Coinbase", "coinbase"), ("Binance", "binance")):
        row = PeriodicTask.objects.get(name=f"Poll {title}")
        assert (row.task, row.args) == ("market.poll", f'["{name}"]')
        assert (row.interval.every, row.interval.period) == (5, "seconds")
        assert row.expire_seconds == 5


def test_only_switched_on_sources_are_polled(settings) -> None:
    settings.FEEDS = ["replay"]
    schedule.load()
    asked = PeriodicTask.objects.filter(task__in=["market.poll", "market.seed", "market.heal"])
    assert not asked.exists()


def test_what_staff_changed_stays() -> None:
    schedule.load()
    slower = IntervalSchedule.objects.create(every=30, period="seconds")
    PeriodicTask.objects.filter(name="Poll Kraken").update(interval=slower, enabled=False)
    schedule.load()
    row = PeriodicTask.objects.get(name="Poll Kraken")
    assert (row.interval, row.enabled) == (slower, False)


def test_rows_of_staff_stay() -> None:
    every = IntervalSchedule.objects.create(every=1, period="hours")
    PeriodicTask.objects.create(name="By hand", task="market.poll", interval=every)
    schedule.load()
    assert PeriodicTask.objects.filter(name="By hand").exists()


def test_every_row_names_a_task_there_is() -> None:
    of_market = {market.poll.name, market.seed.name, market.prune.name}
    of_market |= {market.lake_hour.name, market.lake_day.name}
    of_market |= {market.read_news.name, market.list_coins.name}
    of_portfolio = {portfolio.check_books.name, portfolio.forget_quotes.name}
    of_portfolio |= {portfolio.seal.name, portfolio.check_audit.name, portfolio.export_audit.name}
    of_portfolio |= {portfolio.prove_forgotten.name}
    of_market |= {market.refresh.name, market.follow.name}
    of_market |= {market.heal.name, market.store_fixed_days.name, market.recall_simulated.name}
    of_people = {accounts.forget_sessions.name, accounts.forget_takeouts.name}
    of_people |= {accounts.forget_letters.name}
    of_house = {house.alive.name, house.look.name, "celery.backend_cleanup"}
    known = of_market | of_portfolio | of_people | of_house
    assert {beat.task for beat in schedule.beats()} <= known


@pytest.mark.parametrize(
    ("name", "away", "is_due"),
    [
        ("Prove the books", timedelta(minutes=50), False),
        ("Prove the books", timedelta(minutes=70), True),
        ("Prove the seals", timedelta(hours=25), True),  # at a far hour of the day, whichever
        ("Bring the lake up to date", timedelta(hours=25), True),
        ("Forget old failures of tasks", timedelta(hours=25), True),
    ],
)
@pytest.mark.parametrize("ran_before", [True, False])
def test_what_came_due_while_the_site_was_away_runs_when_it_starts(
    name: str, away: timedelta, is_due: bool, ran_before: bool
) -> None:
    schedule.load()
    then = clock.now() - away
    column = "last_run_at" if ran_before else "date_changed"
    PeriodicTask.objects.filter(name=name).update(**{"last_run_at": None, column: then})
    schedule.load()  # as every start does
    known = Scheduler(app=current_app, lazy=True).all_as_schedule()
    assert known[name].is_due().is_due is is_due


@pytest.mark.parametrize(
    ("name", "within_s"),
    [("Sign of life", 5), ("Prove the books", 3600), ("Prove the seals", 24 * 3600)],
)
def test_what_ran_before_the_clock_was_set_back_is_due_as_if_it_had_run_just_now(
    name: str, within_s: int
) -> None:
    schedule.load()
    PeriodicTask.objects.filter(name=name).update(last_run_at=clock.now() + timedelta(days=3))
    known = Scheduler(app=current_app, lazy=True).all_as_schedule()
    is_due, wait_s = known[name].is_due()
    assert not is_due
    assert wait_s <= within_s


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_a_clock_that_is_set_back_stops_nothing() -> None:
    schedule.load()
    PeriodicTask.objects.update(last_run_at=clock.now())
    scheduler = Scheduler(app=current_app, lazy=True)
    scheduler.tick()
    heap: Any = scheduler._heap
    for row in scheduler.schedule.values():
        row.last_run_at += timedelta(hours=2)
    heap[:] = [event_t(at + 7200, *rest) for at, *rest in heap]
    scheduler.watch.ahead_s += 7200
    assert 0 <= scheduler.tick() < 5
