"""What is thrown away, and what room is made? Old ticks, rejections, stories; partitions ahead."""

from datetime import datetime

from django.db import OperationalError, connection

from core.errors import Retryable
from market import rejections, ticks
from market.news import stories


def prune(*, at: datetime) -> str:
    """Drop what is past its time and make the coming days' partitions; says what was done.

    Raises Retryable while somebody, as a backup, reads what is to be dropped.
    """
    with connection.cursor() as cursor:
        ticks.ensure_days(cursor, at.date())
    deleted = rejections.prune(at=at)
    forgotten = stories.prune(at=at)
    with connection.cursor() as cursor:
        try:
            dropped = ticks.drop_days(cursor, at=at)
        except OperationalError as error:
            reason = str(error).splitlines()[0]
            raise Retryable(f"Old partitions are left to the next hour: {reason}.") from error
    return f"{dropped} partitions dropped; {deleted} rejections, {forgotten} of stories deleted"
