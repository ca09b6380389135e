"""Where are news read from, and how does reading go? One feed at a time, with patience.

Feeds are those of NEWS_FEEDS, and the service of NEWSAPI_KEY. A feed is asked only for what changed
since (ETag, Last-Modified), by one reader at a time; one that fails is left alone for twice as long
each time, and one that says when to come back is taken at its word.
"""

import time
from datetime import timedelta

from django.conf import settings
from django.db.models import F, Q, QuerySet

from core import clock, http
from core.errors import PlatformError, Retryable
from core.http import Answer, Request
from market import locks
from market.feeds.answers import retry_after_s
from market.models import NewsFeed
from market.news import apart, desk, newsapi
from market.news.items import Item, Unreadable

TIMEOUT_S = 10.0
BYTES_MAX = 2_000_000
EVERY = timedelta(minutes=5)
SERVICE_EVERY = timedelta(minutes=30)  # its free plan answers a hundred times a day
PATIENCE_MAX = timedelta(hours=6)
FAILURES_COUNTED = 20
BUDGET_S = 25.0  # of one run: the feeds that are left have their turn in the next
LOCK_S = 60.0
NOT_MODIFIED, OK = 304, 200
COME_BACK = (429, 503)
# What reading changes; the switch is the staff's.
NOTED = (
    *("title", "etag", "last_modified", "next_look_at", "last_look_at", "last_success_at"),
    *("failures", "last_problem"),
)
ACCEPT = "application/rss+xml, application/atom+xml, application/xml;q=0.9, text/xml;q=0.8"


def read_due() -> str:
    """Read the feeds whose time has come, the longest waiting first; says what came of it."""
    until = time.monotonic() + BUDGET_S
    said = []
    for feed in due():
        if time.monotonic() > until:
            break
        said.append(f"{feed}: {read(feed)}")
    return "; ".join(said) or "nothing due"


def due() -> QuerySet[NewsFeed]:
    """The feeds to be read now; those that were configured since are added first."""
    NewsFeed.objects.bulk_create([NewsFeed(url=url) for url in addresses()], ignore_conflicts=True)
    ready = Q(next_look_at=None) | Q(next_look_at__lte=clock.now())
    mine = NewsFeed.objects.filter(ready, url__in=addresses(), is_active=True)
    return mine.order_by(F("next_look_at").asc(nulls_first=True))


def addresses() -> list[str]:
    """The configured addresses; the service's only where there is a key."""
    service = [settings.NEWSAPI_URL] if settings.NEWSAPI_KEY else []
    return [*settings.NEWS_FEEDS, *service]


def read(feed: NewsFeed, *, timeout_s: float = TIMEOUT_S) -> str:
    """Ask a feed and hand on what it says; says in a word what became of it."""
    with locks.alone(f"news:reading:{feed.pk}", forgotten_s=LOCK_S) as alone:
        if not alone:
            return "in flight"
        # Said before reading: whatever this feed does to us, the others have their turn.
        feed.last_look_at, feed.next_look_at = clock.now(), clock.now() + EVERY
        feed.save(update_fields=NOTED)
        try:
            said = _read(feed, timeout_s)
        except (PlatformError, Unreadable) as trouble:
            said = _note_failure(feed, trouble)
        feed.save(update_fields=NOTED)
        return said


def _read(feed: NewsFeed, timeout_s: float) -> str:
    answer = http.fetch(_request(feed, timeout_s))
    at = clock.now()
    if answer.status not in (OK, NOT_MODIFIED):
        told = answer.status in COME_BACK and "retry-after" in answer.headers
        wait_s = retry_after_s(answer.headers) if told else 0.0
        raise Retryable(f"HTTP {answer.status}", wait_s=wait_s)
    if answer.status == OK:
        items = _items(feed, answer)
        taken = desk.take(items, feed=feed.url, at=at)
        feed.title = feed.title or items[0].source
        feed.etag = _kept(answer, "etag", 200)
        feed.last_modified = _kept(answer, "last-modified", 60)
        said = f"{taken.new} new, {taken.known} known"
    else:
        said = "unchanged"
    feed.failures, feed.last_problem = 0, ""
    feed.last_success_at = at
    feed.next_look_at = at + (SERVICE_EVERY if _is_service(feed) else EVERY)
    return said


def _request(feed: NewsFeed, timeout_s: float) -> Request:
    if _is_service(feed):
        url, headers = newsapi.address(feed.url), {"X-Api-Key": settings.NEWSAPI_KEY}
    else:
        known = {"If-None-Match": feed.etag, "If-Modified-Since": feed.last_modified}
        url, headers = feed.url, {"Accept": ACCEPT} | {k: v for k, v in known.items() if v}
    return Request(url, headers=headers, timeout_s=timeout_s, bytes_max=BYTES_MAX)


def _items(feed: NewsFeed, answer: Answer) -> tuple[Item, ...]:
    if _is_service(feed):
        return newsapi.read(answer.body)
    kind = answer.headers.get("content-type", "")
    return apart.read(answer.body, content_type=kind, url=answer.url, title=feed.title)


def _note_failure(feed: NewsFeed, trouble: PlatformError | Unreadable) -> str:
    patience = min(EVERY * 2**feed.failures, PATIENCE_MAX)
    details = trouble.details if isinstance(trouble, PlatformError) else {}
    asked = timedelta(seconds=details.get("wait_s", 0.0))
    feed.failures = min(feed.failures + 1, FAILURES_COUNTED)
    feed.last_problem = str(trouble).replace("\0", "")[:300]
    feed.next_look_at = clock.now() + max(patience, asked)
    return f"failed: {feed.last_problem}"


def _kept(answer: Answer, name: str, length: int) -> str:
    """A header to be sent back next time; one that does not fit is forgotten."""
    value = answer.headers.get(name, "")
    return value if len(value) <= length and value.isprintable() else ""


def _is_service(feed: NewsFeed) -> bool:
    return bool(feed.url == settings.NEWSAPI_URL)
