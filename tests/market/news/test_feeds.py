"""How feeds are read: what changed only, one reader at a time, with patience, never for long."""

import subprocess
import time
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from core import clock
from market import locks
from market.models import Mention, NewsFeed, Story, StoryKey
from market.news import apart, feeds
from market.news.items import Unreadable
from tests import recorded
from tests.far_side import FarSide, Page

pytestmark = pytest.mark.django_db
LATER = timedelta(minutes=6)
KEY = "secret-key"


def rss(*titles: str, date: str = "", site: str = "https://example.com") -> bytes:
    items = "".join(
        f"<item><title>{title}</title><link>{site}/{abs(hash(title))}</link>"
        f"<pubDate>{date}</pubDate></item>"
        for title in titles
    )
    return f"<rss><channel><title>Wire</title>{items}</channel></rss>".encode()


@pytest.fixture
def feed(stand: FarSide, settings: Settings) -> NewsFeed:
    settings.NEWS_FEEDS = [stand.say("/feed", rss("Euro rallies to a record high"), etag='"1"')]
    (one,) = feeds.due()
    return one


def again(feed: NewsFeed, *, after: timedelta = LATER) -> str:
    with clock.frozen(clock.now() + after):
        return feeds.read(feed)


def test_a_story_is_stored_with_mood_links_and_what_it_names(feed: NewsFeed) -> None:
    assert feeds.read(feed) == "1 new, 0 known"
    story = Story.objects.get()
    assert (story.title, story.source) == ("Euro rallies to a record high", "Wire")
    assert (story.sentiment, story.entities) == ("positive", [["currency", "EUR"]])
    assert Mention.objects.get(instrument__symbol="EUR-USD").lean == story.score > 0


def test_what_is_read_again_is_asked_for_only_if_it_changed(feed: NewsFeed, stand: FarSide) -> None:
    feeds.read(feed)
    assert again(feed) == "unchanged"
    assert stand.headers()["if-none-match"] == '"1"'
    assert Story.objects.count() == 1


def test_a_story_comes_once_however_many_feeds_bring_it(
    feed: NewsFeed, stand: FarSide, settings: Settings
) -> None:
    other = rss("The euro rallies to a record high!", "Yen slips", site="https://other.example")
    settings.NEWS_FEEDS += [stand.say("/other", other)]
    assert feeds.read_due().count("new") == 2
    assert sorted(Story.objects.values_list("title", flat=True)) == [
        "Euro rallies to a record high",
        "Yen slips",
    ]
    assert StoryKey.objects.count() == 3


def test_a_date_that_has_not_come_yet_is_now_and_one_long_past_is_no_news(
    stand: FarSide, settings: Settings
) -> None:
    future = f"{clock.now() + timedelta(hours=5):%a, %d %b %Y %H:%M:%S} GMT"
    settings.NEWS_FEEDS = [
        stand.say("/early", rss("Early bird", date=future)),
        stand.say("/late", rss("Old hat", date="Mon, 02 Mar 2020 10:00:00 GMT")),
    ]
    feeds.read_due()
    story = Story.objects.get()
    assert (story.title, story.published_at == story.seen_at) == ("Early bird", True)


def test_a_feed_that_fails_is_left_alone_for_longer_each_time(
    feed: NewsFeed, stand: FarSide
) -> None:
    stand.say("/feed", b"<html>Just a moment</html>")
    waits = []
    for _ in range(9):
        at = feed.next_look_at or clock.now()
        with clock.frozen(at):
            assert feeds.read(feed).startswith("failed: no entry can be used")
        assert feed.next_look_at
        waits.append((feed.next_look_at - at) // timedelta(minutes=1))
    assert waits == [5, 10, 20, 40, 80, 160, 320, 360, 360]
    assert (Story.objects.count(), feed.failures) == (0, 9)
    stand.say("/feed", rss("Back again"))
    assert again(feed) == "1 new, 0 known"
    assert (feed.failures, feed.last_problem) == (0, "")


def test_a_feed_that_says_when_to_come_back_is_taken_at_its_word(
    feed: NewsFeed, stand: FarSide
) -> None:
    stand.say("/feed", status=429, retry_after="1800")
    with clock.frozen(clock.now()):
        assert feeds.read(feed) == "failed: HTTP 429"
        assert feed.next_look_at == clock.now() + timedelta(minutes=30)


@pytest.mark.parametrize("status", [404, 410, 500, 503])
def test_any_other_status_is_a_failure(feed: NewsFeed, stand: FarSide, status: int) -> None:
    stand.say("/feed", status=status)
    assert feeds.read(feed) == f"failed: HTTP {status}"


def test_a_feed_is_read_by_one_at_a_time(feed: NewsFeed, stand: FarSide) -> None:
    with locks.alone(f"news:reading:{feed.pk}", forgotten_s=5):
        assert feeds.read(feed) == "in flight"
    assert stand.asked == []


def test_a_feed_that_trickles_or_is_too_large_is_given_up(feed: NewsFeed, stand: FarSide) -> None:
    stand.pages["/feed"] = Page(rss("Slow") * 20, slow_s=0.05)
    started = time.monotonic()
    assert feeds.read(feed, timeout_s=0.3) == "failed: no whole answer within 0.3 s"
    assert time.monotonic() - started < 2
    stand.say("/feed", b"x" * (feeds.BYTES_MAX + 1))
    assert "larger than" in feeds.read(feed)
    assert Story.objects.count() == 0


@pytest.mark.parametrize(
    "hostile",
    [
        "<rss><channel><item "
        + " ".join(f"a{n}='1'" for n in range(90_000))
        + "/></channel></rss>",
        "\n" * 200_000 + "<rss><channel><item><title>x</title></item></channel></rss>",
    ],
    ids=["attributes", "newlines"],
)
def test_a_body_that_would_take_minutes_to_read_is_given_up(hostile: str) -> None:
    started = time.process_time()
    with pytest.raises(Unreadable, match="longer than 1 s"):
        apart.read(hostile.encode(), content_type="text/xml", url="https://e.com/", cpu_s=1)
    assert time.process_time() - started < 1


def test_a_feed_that_leads_inside_is_refused(
    feed: NewsFeed, stand: FarSide, settings: Settings
) -> None:
    stand.say("/feed", status=302, location="http://169.254.169.254/latest/meta-data/")
    assert "private network" in feeds.read(feed)
    settings.FETCH_ALLOWED = []
    assert "private network" in feeds.read(feed)
    assert len(stand.asked) == 1


def test_a_feed_that_staff_switched_off_stays_off(feed: NewsFeed) -> None:
    NewsFeed.objects.update(is_active=False)
    assert feeds.read_due() == "nothing due"
    feeds.read(feed)  # by one who was about to
    assert NewsFeed.objects.get().is_active is False


def test_a_feed_no_longer_configured_is_not_read(feed: NewsFeed, settings: Settings) -> None:
    settings.NEWS_FEEDS = []
    assert feeds.read_due() == "nothing due"


def test_whatever_a_feed_does_to_us_it_is_not_due_at_once(
    feed: NewsFeed, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: Any, **more: Any) -> None:
        raise MemoryError

    monkeypatch.setattr(subprocess, "run", fail)
    with pytest.raises(MemoryError):
        feeds.read_due()
    assert feeds.read_due() == "nothing due"


def test_the_service_is_asked_with_its_key_in_a_header(stand: FarSide, settings: Settings) -> None:
    body = recorded.path("news/newsapi_everything_bitcoin_2020-08.json").read_bytes()
    settings.NEWSAPI_URL = stand.say("/v2/everything", body.replace(b"2020-08-0", b"2026-08-0"))
    assert feeds.read_due() == "nothing due"
    settings.NEWSAPI_KEY = KEY
    with clock.frozen(clock.now().replace(year=2026, month=8, day=10)):
        assert "20 new, 0 known" in feeds.read_due()
    assert stand.headers()["x-api-key"] == KEY
    assert KEY not in stand.asked[0][0] + str(NewsFeed.objects.values_list().get())
    assert Mention.objects.filter(instrument__symbol="BTC-USD").count() > 10


def test_nothing_a_feed_writes_runs_on_our_pages(
    stand: FarSide, settings: Settings, client: Client
) -> None:
    hostile = (
        "&lt;script&gt;alert(1)&lt;/script&gt;Markets &lt;b&gt;rise&lt;/b&gt;"
        '&#x202e;\u200b{{ 7|add:7 }} =HYPERLINK(1) "onmouseover=alert(1) x="'
    )
    body = rss(hostile, site="https://example.com/&quot;onclick=alert(1)")
    good = rss("Calm seas", site="https://example.com").replace(b"<rss><channel>", b"")
    settings.NEWS_FEEDS = [stand.say("/h", body.replace(b"</channel></rss>", b"") + good)]
    feeds.read_due()
    assert [story.title for story in Story.objects.all()] == ["Calm seas"]  # whose link is one
    settings.NEWS_FEEDS = [stand.say("/g", rss(hostile))]
    feeds.read_due()
    html = client.get("/news/").content.decode()
    shown = "Markets rise{{ 7|add:7 }} =HYPERLINK(1) &quot;onmouseover=alert(1) x=&quot;"
    assert shown in html
    assert "<script>alert" not in html
    assert not {"\u202e", "\u200b"} & set(html)
