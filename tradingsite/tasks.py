"""What the worker does for the house itself."""

from celery import shared_task

from accounts import takeouts
from core.push import heartbeats
from market import quant
from tradingsite import alarms, takeout


@shared_task(name="tradingsite.alive", ignore_result=True)
def alive() -> None:
    """Beat has sent this and a worker has run it: both are alive."""
    heartbeats.sign("beat")


@shared_task(name="tradingsite.look", ignore_result=True)
def look() -> str:
    """Examine the house and write to staff about what turned red or well."""
    turn = alarms.look()
    return f"red: {', '.join(turn.red) or 'nothing new'}"


@shared_task(name="tradingsite.quant.send_figures", ignore_result=True)
def send_figures() -> int:
    """Send the house's figures to CloudWatch, where that is wanted."""
    return int(quant.call("tradingsite.cloudwatch:send"))


@shared_task(name="tradingsite.pack_takeout")
def pack_takeout(takeout_id: int) -> None:
    """Make the file a person has asked for."""
    try:
        takeout.make(takeout_id)
    except Exception:
        takeouts.fail(takeout_id)
        raise
