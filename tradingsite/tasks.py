"""What the worker does for the house itself."""

from celery import shared_task

from core.push import life
from market import quant
from tradingsite import alarms


@shared_task(name="tradingsite.alive", ignore_result=True)
def alive() -> None:
    """Beat has sent this and a worker has run it: both are alive."""
    life.sign("beat")


@shared_task(name="tradingsite.look", ignore_result=True)
def look() -> str:
    """Examine the house and write to staff about what turned red or well."""
    turn = alarms.look()
    return f"red: {', '.join(turn.red) or 'nothing new'}"


@shared_task(name="tradingsite.quant.send_figures", ignore_result=True)
def send_figures() -> int:
    """Send the house's figures to CloudWatch, where that is wanted."""
    return int(quant.call("tradingsite.cloudwatch:send"))
