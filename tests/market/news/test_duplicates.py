"""When two entries are one story, and when they are not."""

import csv
import gzip

import pytest

from market.news import duplicates
from tests import recorded

SAME = [
    ("Gold prices surge on Tuesday to a record", "Gold Prices Surge on Tuesday to a Record!"),
    ("UPDATE: Fed leaves its rates unchanged", "Fed leaves its rates unchanged"),
    ("The euro slips as the dollar gains", "Euro slips as dollar gains"),
    ("ECB’s Lagarde says inflation is easing", "ECB's Lagarde says inflation is easing"),
]
DIFFERENT = [
    ("Delta Air Lines Stock Sinks As Market Gains", "Prologis Inc. Stock Sinks As Market Gains"),
    ("Bitcoin rises 5% to a record high today", "Bitcoin rises 6% to a record high today"),
    ("EUR/USD: Daily outlook for this week", "GBP/USD: Daily outlook for this week"),
    ("Why Facebook stock surged to a new high", "Why Salesforce stock surged to a new high"),
    ("Stocks rise on trade hopes again", "Stocks fall on trade hopes again"),
    ("Euro outlook for 2024 stays weak", "Euro outlook for 2025 stays weak"),
    ("Market wrap", "Market wrap"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_a_title_that_says_the_same_is_the_same(one: str, other: str) -> None:
    assert duplicates.same(other, {1: duplicates.normalise(one)}) == 1


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_another_name_or_number_makes_another_story(one: str, other: str) -> None:
    assert duplicates.same(other, {1: duplicates.normalise(one)}) is None


def test_an_address_is_known_again_however_it_was_reached() -> None:
    ways = [
        "https://www.example.com/story?utm_source=rss&id=7",
        "http://example.com/story/?id=7#top",
        "https://m.example.com/story?id=7&mod=mw",
    ]
    assert len({duplicates.canonical(way) for way in ways}) == 1
    assert duplicates.canonical("https://example.com/story?id=8") not in map(
        duplicates.canonical, ways
    )


def test_an_id_that_is_no_address_counts_within_its_feed_only() -> None:
    here, there = (
        set(duplicates.digests(f"https://{host}/x", "42", f"https://{host}/feed"))
        for host in ("a.example", "b.example")
    )
    assert not here & there


def test_an_id_that_only_looks_like_an_address_is_an_id() -> None:
    assert (
        len(duplicates.digests("https://a.example/x", "http://[7", "https://a.example/feed")) == 2
    )


def test_the_recorded_news_hold_nine_stories_twice() -> None:
    with gzip.open(recorded.path("news/market_news_items_2020.csv.gz"), "rt") as file:
        titles = [row["title"] for row in csv.DictReader(file)]
    kept: dict[int, str] = {}
    for number, title in enumerate(titles):
        if duplicates.same(title, kept) is None:
            kept[number] = duplicates.normalise(title)
    assert len(titles) - len(kept) == 9
