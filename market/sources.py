"""How are the sources of prices? Last success, last problem, and what was accepted and refused."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.backends.utils import CursorWrapper

from market.fixings import SOURCE as FIXED
from market.inbox import Batch
from market.models import SourceHealth
from market.quotes import LIVE_AGE_MAX

FIXINGS_AGE_MAX = timedelta(hours=26)  # of the source that has nothing but fixings
NAME_MAX, DETAIL_MAX = 30, 500
TITLES = {
    "ecb": "ECB fixing",
    "kraken": "Kraken",
    "coinbase": "Coinbase",
    "binance": "Binance",
    "oanda": "OANDA",
    "replay": "Simulated market",
}
COLUMNS = (
    "name",
    "state",
    "first_success_at",
    "last_success_at",
    "last_problem_at",
    "last_problem",
    "detail",
    "accepted",
    "rejected",
)


def title(name: str) -> str:
    """What people call the source of that name."""
    return TITLES.get(name, name)


@dataclass(slots=True)
class Source:
    """What the publisher knows of one source."""

    name: str
    first_success_at: datetime | None = None
    last_success_at: datetime | None = None
    last_problem_at: datetime | None = None
    last_problem: str = ""
    detail: str = ""
    accepted: int = 0
    rejected: int = 0
    frozen: bool = False

    def note(self, batch: Batch, *, accepted: int, refused: int) -> None:
        """Count what came of an answer; an answer of which nothing could be used is a problem."""
        self.accepted += accepted
        self.rejected += refused
        if batch.problem is not None or (refused and not accepted):
            self.last_problem_at = batch.received_at
            self.last_problem = batch.problem or "nothing_usable"
            self.detail = batch.detail.replace("\0", "")[:DETAIL_MAX]
            return
        self.first_success_at = self.first_success_at or batch.received_at
        self.last_success_at = batch.received_at

    def state(self, at: datetime) -> str:
        """One word for the source at this moment, of `SourceHealth.State`."""
        success, problem = self.last_success_at, self.last_problem_at
        if problem is not None and (success is None or problem > success):
            return SourceHealth.State.TROUBLED
        limit = FIXINGS_AGE_MAX if self.name == FIXED else LIVE_AGE_MAX
        if success is None or abs(at - success) > limit:
            return SourceHealth.State.SILENT
        return SourceHealth.State.FROZEN if self.frozen else SourceHealth.State.OK


def health() -> tuple[SourceHealth, ...]:
    """Every source that was ever heard of, as the publisher last wrote it (every 5 s)."""
    return tuple(SourceHealth.objects.all())


def load(cursor: CursorWrapper) -> dict[str, Source]:
    """The sources as they were before a restart."""
    stored = [name for name in COLUMNS if name != "state"]
    cursor.execute(f"SELECT {', '.join(stored)} FROM market_sourcehealth")  # noqa: S608
    return {row[0]: Source(*row) for row in cursor.fetchall()}


def write(cursor: CursorWrapper, sources: Iterable[Source], *, at: datetime) -> None:
    """Store how the sources are."""
    marks = ", ".join(["%s"] * len(COLUMNS))
    changes = ", ".join(f"{name} = excluded.{name}" for name in COLUMNS[1:])
    cursor.executemany(
        f"INSERT INTO market_sourcehealth ({', '.join(COLUMNS)}) VALUES ({marks})"  # noqa: S608
        f" ON CONFLICT (name) DO UPDATE SET {changes}",
        [
            [one.state(at) if name == "state" else getattr(one, name) for name in COLUMNS]
            for one in sources
        ],
    )
