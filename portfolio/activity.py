"""How much is going on? Conversions per day, for the operator."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count
from django.db.models.functions import TruncDate

from core import clock
from portfolio.models import JournalEntry


@dataclass(frozen=True, slots=True)
class Day:
    """One UTC day and its conversions."""

    date: date
    conversions: int


def conversions_per_day(*, days: int) -> tuple[Day, ...]:
    """The last `days` UTC days, today last; days without a conversion count 0."""
    today = clock.now().date()
    first = today - timedelta(days=days - 1)
    counted = dict(
        JournalEntry.objects.filter(kind=JournalEntry.Kind.CONVERSION, created_at__date__gte=first)
        .annotate(day=TruncDate("created_at"))
        .order_by()
        .values_list("day")
        .annotate(Count("pk"))
    )
    dates = [first + timedelta(days=number) for number in range(days)]
    return tuple(Day(day, counted.get(day, 0)) for day in dates)
