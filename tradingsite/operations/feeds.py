"""How does each source of prices do? Those that are switched on, and those that ever were."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from core import clock
from core.errors import Refused
from market import quotes, rejections, simulation, sources
from market.models import SourceHealth

LATELY, JUST_NOW = timedelta(hours=1), timedelta(minutes=1)
NEVER, OFF, STANDS_IN = "never heard of", "switched off", "stands in"


@dataclass(frozen=True, slots=True)
class Feed:
    """One source; `priced_at` is of its newest price, None where none can be read now."""

    title: str
    state: str
    answered_at: datetime | None = None
    priced_at: datetime | None = None
    accepted: int = 0
    refused: int = 0
    refused_lately: int = 0
    problem: str = ""

    @property
    def is_well(self) -> bool:
        """Whether nobody need look after it."""
        return self.state in (SourceHealth.State.OK, OFF, STANDS_IN)


def now() -> list[Feed]:
    """Every source by name."""
    known = {row.name: row for row in sources.health()}
    priced, lately = _newest(), rejections.by_source(since=clock.now() - LATELY)
    return [
        _feed(known[name], priced, lately)
        if name in known
        else Feed(sources.title(name), NEVER, refused_lately=lately.get(name, 0))
        for name in sorted(known.keys() | set(settings.FEEDS))
    ]


def _feed(row: SourceHealth, priced: Mapping[str, datetime], lately: Mapping[str, int]) -> Feed:
    return Feed(
        title=sources.title(row.name),
        state=row.state if row.name in settings.FEEDS else _unasked(row),
        answered_at=row.last_success_at,
        priced_at=priced.get(row.name),
        accepted=row.accepted,
        refused=row.rejected,
        refused_lately=lately.get(row.name, 0),
        problem=row.last_problem,
    )


def _unasked(row: SourceHealth) -> str:
    """The simulated market is heard although nobody named it, where no source has ever answered."""
    at = row.last_success_at
    speaks = row.name == simulation.SOURCE and at and clock.now() - at < JUST_NOW
    return STANDS_IN if speaks else OFF


def _newest() -> Mapping[str, datetime]:
    try:
        return quotes.newest()
    except Refused:
        return {}
