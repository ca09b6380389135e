"""What is thrown away, and what room is made? Old ticks, rejections, stories; partitions ahead."""

from datetime import datetime

from django.db import connection, transaction

from market import rejections, ticks
from market.news import stories


def prune(*, at: datetime) -> str:
    """Drop what is past its time and make the coming days' partitions; says what was done."""
    with transaction.atomic(), connection.cursor() as cursor:
        ticks.ensure_days(cursor, at.date())
        dropped = ticks.drop_days(cursor, at=at)
    deleted = rejections.prune(at=at)
    forgotten = stories.prune(at=at)
    return f"{dropped} partitions dropped; {deleted} rejections, {forgotten} of stories deleted"
