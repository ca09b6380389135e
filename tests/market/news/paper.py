"""Stories for tests, as the reader of feeds would leave them."""

from datetime import datetime, timedelta

from core import clock
from market import catalog
from market.models import Mention, Story


def print_story(
    title: str,
    *,
    about: str | None = None,
    mood: float = 0.5,
    lean: float = 0.5,
    at: datetime | None = None,
) -> Story:
    """A stored story, about one instrument or none."""
    when = at or clock.now() - timedelta(minutes=5)
    story = Story.objects.create(
        title=title,
        url="https://example.com/story",
        source="Example",
        published_at=when,
        seen_at=when,
        sentiment="positive" if mood > 0 else "negative" if mood < 0 else "neutral",
        score=mood,
    )
    if about:
        pair = catalog.instrument(about)
        Mention.objects.create(story=story, instrument_id=pair.id, score=0.7, lean=lean)
    return story
