"""How does a key look to its owner? By its end, never by itself."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from accounts.models import User
from portfolio import credentials
from portfolio.models import ExchangeKey

SHOWN = 50


@dataclass(frozen=True, slots=True)
class Row:
    """One key without its secret."""

    id: UUID
    venue: str
    venue_title: str
    label: str
    mode: str
    key_end: str
    state: str
    reason: str
    permissions: list[str]
    created_at: datetime
    tested_at: datetime | None
    ended_at: datetime | None

    @property
    def is_live(self) -> bool:
        """Whether we still hold its secret."""
        return self.ended_at is None


def rows_of(user: User) -> list[Row]:
    """The newest keys of `user`, ended ones too."""
    return [told(row) for row in credentials.of(user)[:SHOWN]]


def told(row: ExchangeKey) -> Row:
    """What may be said of one key."""
    return Row(
        id=row.public_id,
        venue=row.venue,
        venue_title=credentials.VENUES[row.venue].title,
        label=row.label,
        mode=row.mode,
        key_end=row.key_end,
        state=credentials.shown_state(row),
        reason=row.reason,
        permissions=row.permissions,
        created_at=row.created_at,
        tested_at=row.tested_at,
        ended_at=row.ended_at,
    )
