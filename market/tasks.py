"""The door of Celery: polls and daily candles."""

from celery import shared_task

from market import polling


@shared_task(name="market.poll", ignore_result=True)
def poll(source: str) -> str:
    """Ask one source for its prices."""
    return polling.poll(source)


@shared_task(name="market.seed", ignore_result=True)
def seed(source: str) -> str:
    """Fetch one source's past days, unless today's are here."""
    return polling.seed(source)
