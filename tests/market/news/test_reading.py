"""What is read out of a feed's body: recorded ones of every kind, dates of every shape, HTML."""

import csv
import gzip
import json
from datetime import UTC, datetime

import pytest

from market.news import dates, newsapi, plain, syndication
from market.news.items import Unreadable
from tests import recorded

FEEDS = {"heise.atom": 15, "rss-1.rss": 69, "content-encoded.rss": 7, "reddit-atom.rss": 24}
XML = "application/xml"


@pytest.mark.parametrize(("name", "entries"), [*FEEDS.items(), ("uolNoticias.rss", 15)])
def test_recorded_feeds_are_read_whole(name: str, entries: int) -> None:
    body = recorded.path(f"news/feeds/{name}").read_bytes()
    items = syndication.read(body, content_type=XML, url="https://example.com/feed")
    assert len(items) == entries
    assert all(item.published_at for item in items)
    assert all(item.url.startswith("http") for item in items)
    assert not any("<" in item.title + item.summary for item in items)


def test_a_feed_that_is_not_well_formed_and_writes_portuguese_is_read() -> None:
    body = recorded.path("news/feeds/uolNoticias.rss").read_bytes()
    first = syndication.read(body, content_type="text/xml", url="https://uol.com.br/feed")[0]
    assert first.title.endswith("em simulações de 2º turno")
    assert first.published_at == datetime(2018, 9, 24, 22, 42, 40, tzinfo=UTC)


def test_the_recorded_dates_of_nine_feeds_are_all_read_right() -> None:
    with gzip.open(recorded.path("news/market_news_items_2020.csv.gz"), "rt") as file:
        rows = list(csv.DictReader(file))
    read = [f"{dates.moment(row['pubDate']):%Y-%m-%dT%H:%M:%SZ}" for row in rows]
    assert read == [row["published_utc"] for row in rows]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Tue, 02 Oct 2018 12:37:01 EDT", "2018-10-02T16:37:01+00:00"),
        ("Seg, 24 Set 2018 19:42:40 -0300", "2018-09-24T22:42:40+00:00"),
        ("24 de dezembro de 2018 às 19:42", "2018-12-24T19:42:00+00:00"),
        ("lun., 3 août 2020 10:00:00 +0200", "2020-08-03T08:00:00+00:00"),
        ("Di, 03 Mär 2020 10:00:00 MEZ", "2020-03-03T09:00:00+00:00"),
        ("Oct 3, 2024, 4:05 PM EST", "2024-10-03T21:05:00+00:00"),
        ("Sat, 31 Dec 2016 23:59:60 GMT", "2016-12-31T23:59:59+00:00"),
        ("2016-02-01T17:22:00+01:00", "2016-02-01T16:22:00+00:00"),
        ("2020-08-09", "2020-08-09T00:00:00+00:00"),
        ("Fri, 20 Nov 26 01:02:03 +0530", "2026-11-19T19:32:03+00:00"),
        *((text, None) for text in ("", "yesterday", "32 Jan 2020", "1 Foo 2020", "9" * 9999)),
    ],
)
def test_a_date_of_any_shape_is_read_or_left(text: str, expected: str | None) -> None:
    found = dates.moment(text)
    assert (found.isoformat() if found else None) == expected


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("&lt;b&gt;Bold&lt;/b&gt; &amp;amp; plain", "Bold & plain"),
        ("<p>One</p><p>two</p>", "One two"),
        ("<script>alert(1)</script>a<img src=x onerror=alert(1)>b<style>p{}</style>", "ab"),
        ("\u202egnp.exe\u200b \x00\x1b[31mred", "gnp.exe [31mred"),
        ("1 < 2 & 3 > 2", "1 < 2 & 3 > 2"),
        ("<svg/onload=alert(1)>", ""),
        ("word " * 20, "word word word…"),
    ],
)
def test_of_html_only_what_a_reader_sees_is_left(markup: str, text: str) -> None:
    assert plain.text(markup, limit=20 if markup.startswith("word") else 200) == text


@pytest.mark.parametrize(
    "link",
    ["javascript:alert(1)", "data:text/html,x", "/relative", "http://", "ftp://a/b", 'http://a/"x'],
)
def test_only_links_of_the_web_are_kept(link: str) -> None:
    assert plain.address(link) == ""


def test_a_relative_link_is_one_of_the_feeds_own_site() -> None:
    body = b"<rss><channel><item><title>T</title><link>/a</link></item></channel></rss>"
    (item,) = syndication.read(body, content_type=XML, url="https://example.com/rss/feed")
    assert (item.url, item.source) == ("https://example.com/a", "https://example.com/rss/feed")


@pytest.mark.parametrize("body", [b"", b"<html>Just a moment</html>", b"/etc/passwd", b"\xff\xfe"])
def test_what_is_no_feed_is_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable):
        syndication.read(body, content_type=XML, url="https://example.com/feed")


def test_a_feed_that_explodes_when_its_entities_are_read_is_harmless() -> None:
    lines = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 9))
    body = f'<!DOCTYPE r [<!ENTITY a0 "ha">{lines}]><rss><channel><item><title>&a8;</title>'
    try:
        items = syndication.read(body.encode(), content_type=XML, url="https://example.com/")
    except Unreadable:
        return
    assert all(len(item.title) <= plain.TITLE_MAX for item in items)


def test_the_recorded_answer_of_newsapi_is_read() -> None:
    items = newsapi.read(recorded.path("news/newsapi_everything_bitcoin_2020-08.json").read_bytes())
    assert len(items) == 20
    assert items[1].source == "Cointelegraph"
    assert items[1].published_at == datetime(2020, 8, 9, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"[]", b"null", b'{"status":"ok"}', b'{"status":"ok","articles":[1]}'),
        b'{"status":"error","code":"apiKeyInvalid","message":"Your API key is invalid"}',
        b"[" * 100_000,
    ],
)
def test_any_other_answer_of_newsapi_is_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable):
        newsapi.read(body)


@pytest.mark.parametrize(
    "wrong",
    [1, None, {"title": 5}, {"title": "T", "url": 7}, {"title": "\ud800", "url": "http://a"}],
)
def test_an_article_of_newsapi_that_makes_no_sense_costs_no_other(wrong: object) -> None:
    good = {"title": "The euro gains", "url": "https://example.com/a"}
    answer = json.dumps({"status": "ok", "articles": [wrong, good]})
    assert [item.title for item in newsapi.read(answer.encode())] == ["The euro gains"]


@pytest.mark.parametrize("link", ["", "<link>http://[bad/x</link>"])
def test_an_entry_that_leads_nowhere_is_no_link_to_the_feed(link: str) -> None:
    good = "<item><title>The euro gains</title><link>https://example.com/a</link></item>"
    body = f"<rss><channel><item><title>Lost</title>{link}</item>{good}</channel></rss>"
    items = syndication.read(body.encode(), content_type=XML, url="https://example.com/feed")
    assert [item.title for item in items] == ["The euro gains"]


@pytest.mark.parametrize("number", ["&#55357;&#56832;", "&#xD83D;&#xde00;", "&#x110000;", "&#0;"])
def test_a_character_there_is_not_costs_no_story(number: str) -> None:
    item = f"<item><title>Euro {number} gains</title><link>https://example.com/a</link></item>"
    body = f"<rss><channel>{item}</channel></rss>".encode()
    (read,) = syndication.read(body, content_type=XML, url="https://example.com/feed")
    assert read.title == "Euro gains"
