"""The door of Celery: polls, daily candles, and throwing old prices away."""

from celery import shared_task

from core import clock
from market import polling, retention


@shared_task(name="market.poll", ignore_result=True)
def poll(source: str) -> str:
    """Ask one source for its prices."""
    return polling.poll(source)


@shared_task(name="market.seed", ignore_result=True)
def seed(source: str) -> str:
    """Fetch one source's past days, unless today's are here."""
    return polling.seed(source)


@shared_task(name="market.prune", ignore_result=True)
def prune() -> str:
    """Drop old ticks and rejections, and make room for the days to come."""
    return retention.prune(at=clock.now())
