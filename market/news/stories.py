"""What has been in the news? Reading only: what is stored is plain text and already judged."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import F, Prefetch, QuerySet

from market import catalog
from market.models import Mention, Story

DAYS_KEPT = 90
OPPOSITE = {
    str(Story.Mood.POSITIVE): str(Story.Mood.NEGATIVE),
    str(Story.Mood.NEUTRAL): str(Story.Mood.NEUTRAL),
    str(Story.Mood.NEGATIVE): str(Story.Mood.POSITIVE),
}


@dataclass(frozen=True, slots=True)
class About:
    """An instrument a story is about.

    `score` from 0 to 1 says how much (`market/news/links.py`), `lean` from -1 to 1 which way the
    story reads for the instrument's base currency.
    """

    symbol: str
    score: float
    lean: float

    @property
    def pair(self) -> str:
        """`EUR/USD`, as people write it."""
        return self.symbol.replace("-", "/")


@dataclass(frozen=True, slots=True)
class Headline:
    """One story; `score` from -1 to 1 is its mood, `sentiment` the word for it.

    `lean` is the mood as it reads for the base of the instrument asked for, None where all news
    were asked for.
    """

    id: UUID
    title: str
    summary: str
    url: str
    source: str
    published_at: datetime
    sentiment: str
    score: float
    lean: float | None
    instruments: tuple[About, ...]

    @property
    def tone(self) -> float:
        """The mood to show where the story is read: as it reads there, if that is known."""
        return self.score if self.lean is None else self.lean

    @property
    def reads(self) -> str:
        """The word for `tone`."""
        if self.lean is None or self.lean * self.score >= 0:
            return self.sentiment
        return OPPOSITE[self.sentiment]


def are_fed() -> bool:
    """Whether any feed or service of news is configured."""
    return bool(settings.NEWS_FEEDS or settings.NEWSAPI_KEY)


def recent(symbol: str | None = None, limit: int = 20) -> tuple[Headline, ...]:
    """The latest stories, about one instrument or all; raises Refused `not_found`."""
    code = None if symbol is None else catalog.instrument(symbol).symbol
    return tuple(headline(story, code) for story in about(code).order_by("-published_at")[:limit])


def about(symbol: str | None = None) -> QuerySet[Story]:
    """The stories of one instrument, or all; raises Refused `not_found`."""
    links = Mention.objects.annotate(symbol=F("instrument__symbol"))
    stories = Story.objects.prefetch_related(Prefetch("mentions", links))
    if symbol is None:
        return stories
    return stories.filter(mentions__instrument_id=catalog.instrument(symbol).id)


def headline(story: Story, symbol: str | None = None) -> Headline:
    """A stored story, as it reads for an instrument; its links are those `about` has fetched."""
    known = tuple(About(one.symbol, one.score, one.lean) for one in story.mentions.all())  # type: ignore[attr-defined]
    return Headline(
        id=story.public_id,
        title=story.title,
        summary=story.summary,
        url=story.url,
        source=story.source,
        published_at=story.published_at,
        sentiment=story.sentiment,
        score=story.score,
        lean=next((one.lean for one in known if one.symbol == symbol), None),
        instruments=known,
    )


def prune(*, at: datetime) -> int:
    """Delete stories older than they are kept; answers with how many rows went."""
    return Story.objects.filter(published_at__lt=at - timedelta(days=DAYS_KEPT)).delete()[0]
