"""What does one entry of a feed say? The same for every kind of feed, in plain text already."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Item:
    """An entry before anybody compared or judged it; no date means the feed gave none we can read.

    `guid` is the feed's own id, which may mean something in that feed only.
    """

    title: str
    summary: str
    url: str
    guid: str
    source: str
    published_at: datetime | None


class Unreadable(ValueError):
    """A body that is no feed, or one without a single entry that can be used."""
