"""What becomes of what a feed said? Compared with what we have, judged, linked, stored; once."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction

from market import catalog
from market.catalog import Catalog
from market.models import Mention, Story, StoryKey
from market.news import duplicates, entities, links, plain, sentiment
from market.news.items import Item
from market.news.stories import DAYS_KEPT

LOCK_KEY = 7_263_556  # one item at a time: two feeds may bring a story in the same second
ENTITIES_MAX = 20


@dataclass(frozen=True, slots=True)
class Taken:
    """How many items were new, how many were known already."""

    new: int
    known: int


def take(items: Iterable[Item], *, feed: str, at: datetime) -> Taken:
    """Store what is new among the items of a feed's address; those past their time are passed by.

    A story of many feeds is stored as the first of them told it. Item by item: what was stored
    before something went wrong is known the next time.
    """
    oldest = at - timedelta(days=DAYS_KEPT)
    dated = ((min(item.published_at or at, at), item) for item in items)
    told = sorted(((when, item) for when, item in dated if when > oldest), key=lambda pair: pair[0])
    new = sum(_take(item, feed=feed, when=when, at=at) for when, item in told)
    return Taken(new, len(told) - new)


@transaction.atomic
def _take(item: Item, *, feed: str, when: datetime, at: datetime) -> bool:
    """Store one item, or the new names of a story we have; whether it was new."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK_KEY])
    digests = duplicates.digests(item.url, item.guid, feed)
    known = StoryKey.objects.filter(digest__in=digests).values_list("story_id", flat=True).first()
    if known is None:
        known = duplicates.same(item.title, _titles_around(when))
    story_id = known or _store(item, when=when, at=at)
    keys = [StoryKey(digest=digest, story_id=story_id) for digest in digests]
    StoryKey.objects.bulk_create(keys, ignore_conflicts=True)
    return known is None


def _titles_around(when: datetime) -> dict[int, str]:
    near = (when - duplicates.WINDOW, when + duplicates.WINDOW)
    titles = Story.objects.filter(published_at__range=near).values_list("id", "title")
    return {key: duplicates.normalise(title) for key, title in titles}


def _store(item: Item, *, when: datetime, at: datetime) -> int:
    listing = catalog.now()
    text = f"{item.title}. {item.summary}"
    mood = sentiment.judge(text)
    named = entities.find(text, frozenset(listing.currencies))
    story = Story.objects.create(
        title=item.title,
        summary=item.summary,
        url=item.url,
        source=plain.shortened(item.source, plain.SOURCE_MAX),
        published_at=when,
        seen_at=at,
        sentiment=mood.word,
        score=round(mood.score, 3),
        entities=[[one.kind, one.name] for one in named[:ENTITIES_MAX]],
    )
    Mention.objects.bulk_create(_mentions(story, named, mood.score, listing))
    return story.pk


def _mentions(
    story: Story, named: tuple[entities.Entity, ...], mood: float, listing: Catalog
) -> list[Mention]:
    found = links.find(named, title_length=len(story.title), mood=mood, listing=listing)
    return [
        Mention(
            story=story,
            instrument_id=link.instrument_id,
            score=link.score,
            lean=round(link.lean, 3),
        )
        for link in found
    ]
