"""What is read of the news: by rooms, programs and people."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from core import clock
from core.errors import Code, Refused
from market.models import Story
from market.news import stories
from tests.market.news.paper import print_story

pytestmark = pytest.mark.django_db


def test_the_latest_story_comes_first_whenever_it_was_stored() -> None:
    print_story("New")
    print_story("Old", at=clock.now() - timedelta(days=2))
    assert [story.title for story in stories.recent()] == ["New", "Old"]
    assert [story.title for story in stories.recent(limit=1)] == ["New"]


def test_the_stories_of_an_instrument_are_those_about_it() -> None:
    print_story("Euro up", about="EUR-USD")
    print_story("Yen down", about="USD-JPY")
    found = stories.recent("eur/usd")
    assert [story.title for story in found] == ["Euro up"]
    assert found[0].instruments == (stories.About("EUR-USD", 0.7, 0.5),)


def test_there_is_no_news_of_an_unlisted_pair() -> None:
    with pytest.raises(Refused) as refusal:
        stories.recent("SEK-NOK")
    assert refusal.value.code == Code.NOT_FOUND


def test_bad_news_of_the_quote_currency_reads_well_for_the_base() -> None:
    print_story("Dollar slips", about="EUR-USD", mood=-0.4, lean=0.4)
    (here,), (everywhere,) = stories.recent("EUR-USD"), stories.recent()
    assert (here.reads, here.tone) == ("positive", 0.4)
    assert (everywhere.reads, everywhere.tone) == ("negative", -0.4)


def test_it_takes_two_queries_however_many_there_are(
    django_assert_num_queries: pytest.FixtureRequest,
) -> None:
    for number in range(5):
        print_story(f"Story {number}", about="EUR-USD")
    with django_assert_num_queries(2):  # type: ignore[operator]
        assert len(stories.recent("EUR-USD")) == 5


def test_stories_are_forgotten_after_ninety_days() -> None:
    print_story("Kept", about="EUR-USD", at=clock.now() - timedelta(days=89))
    print_story("Gone", about="EUR-USD", at=clock.now() - timedelta(days=91))
    assert stories.prune(at=clock.now()) == 2  # the story and its link
    assert Story.objects.get().title == "Kept"


def test_programs_read_them_page_by_page(client: Client) -> None:
    for number in range(3):
        print_story(f"Story {number}", about="EUR-USD")
    page = client.get("/api/v1/news/?instrument=EUR-USD&limit=2").json()
    assert [story["title"] for story in page["results"]] == ["Story 2", "Story 1"]
    assert page["results"][0]["instruments"] == [{"symbol": "EUR/USD", "score": 0.7, "lean": 0.5}]
    rest = client.get(page["next"]).json()
    assert [story["title"] for story in rest["results"]] == ["Story 0"]
    assert rest["next"] is None


def test_programs_are_told_of_an_unlisted_pair(client: Client) -> None:
    refused = client.get("/api/v1/news/?instrument=SEK-NOK")
    assert (refused.status_code, refused.json()["error"]["code"]) == (404, "not_found")
    assert client.get("/news/?instrument=SEK-NOK").status_code == 404


def test_a_page_shows_source_time_and_a_link_that_tells_nothing(client: Client) -> None:
    print_story('<script>alert("1")</script> & more', about="EUR-USD")
    html = client.get("/news/").content.decode()
    assert "Example" in html
    assert "5\u00a0min ago" in html
    assert 'href="https://example.com/story" rel="noopener noreferrer nofollow"' in html
    assert "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; more" in html


def test_a_page_without_news_says_so(client: Client) -> None:
    assert "No news yet" in client.get("/news/").content.decode()


def test_a_site_that_reads_no_feed_says_so(client: Client, settings: Any) -> None:
    settings.NEWS_FEEDS, settings.NEWSAPI_KEY = [], ""
    html = client.get("/news/").content.decode()
    assert "No news feed is set up on this site" in html
    assert "every few minutes" not in html


def test_what_programs_read_is_kept_for_a_minute(client: Client) -> None:
    assert client.get("/api/v1/news/")["Cache-Control"] == "public, max-age=60"
