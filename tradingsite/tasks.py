"""What the worker does for the house itself."""

from celery import shared_task

from core.push import life


@shared_task(name="tradingsite.alive", ignore_result=True)
def alive() -> None:
    """Beat has sent this and a worker has run it: both are alive."""
    life.sign("beat")
