"""What did quality refuse, how often? One row per source, symbol, reason and minute."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.backends.utils import CursorWrapper
from django.db.models import Sum

from market.models import Rejection as RejectionRow
from market.quality import Rejection

DAYS_KEPT = 30
KEYS_MAX = 500  # distinct rows between two writes; what goes beyond is counted without a symbol

Key = tuple[str, str, str, datetime]


@dataclass(slots=True)
class Tally:
    """How many of a kind, and what the first one looked like."""

    count: int
    sample: str


class Tallies:
    """Rejections counted since they were last written."""

    def __init__(self) -> None:
        self.counts: dict[Key, Tally] = {}

    def add(self, rejections: Iterable[Rejection]) -> None:
        """Count them."""
        for one in rejections:
            minute = one.at.replace(second=0, microsecond=0)
            key = (one.source, one.symbol, str(one.reason), minute)
            if key not in self.counts and len(self.counts) >= KEYS_MAX:
                key = (one.source, "", str(one.reason), minute)
            self.counts.setdefault(key, Tally(0, one.sample)).count += 1


def write(cursor: CursorWrapper, tallies: Tallies) -> None:
    """Add the counts to the rows of their minutes."""
    rows = [(*key, tally.count, tally.sample) for key, tally in sorted(tallies.counts.items())]
    if not rows:
        return
    cursor.execute(
        "INSERT INTO market_rejection (source, symbol, reason, minute, count, sample)"
        " SELECT * FROM unnest(%s::text[], %s::text[], %s::text[], %s::timestamptz[],"
        " %s::int[], %s::text[])"
        " ON CONFLICT (source, symbol, reason, minute)"
        " DO UPDATE SET count = market_rejection.count + excluded.count",
        [list(column) for column in zip(*rows, strict=True)],
    )


def by_source(*, since: datetime) -> dict[str, int]:
    """How many were refused from each source since that minute."""
    rows = RejectionRow.objects.filter(minute__gte=since).order_by()
    return dict(rows.values_list("source").annotate(Sum("count")))


def prune(*, at: datetime) -> int:
    """Delete rows older than they are kept; answers with how many."""
    return RejectionRow.objects.filter(minute__lt=at - timedelta(days=DAYS_KEPT)).delete()[0]
