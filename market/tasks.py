"""The door of Celery: polls, daily candles, and throwing old prices away."""

from celery import shared_task

from core import clock
from market import polling, quant, retention


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


@shared_task(name="market.quant.lake_hour", ignore_result=True, soft_time_limit=480, time_limit=540)
def lake_hour() -> str:
    """Keep the past hour's bodies and candles in the lake."""
    return str(quant.call("market.lake:keep_hour"))


@shared_task(name="market.quant.lake_day", ignore_result=True, soft_time_limit=480, time_limit=540)
def lake_day() -> str:
    """Bring the lake level with PostgreSQL and let its old files age."""
    return str(quant.call("market.lake:keep_day"))
