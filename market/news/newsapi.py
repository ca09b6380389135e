"""What does a service of NewsAPI's shape say? One JSON answer of articles."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from market.news import dates, plain
from market.news.items import Item, Unreadable

SUBJECTS = 'forex OR "central bank" OR "interest rates" OR bitcoin OR ethereum OR "exchange rate"'
REMOVED = "[Removed]"  # what the service leaves of an article that was taken back


def address(url: str) -> str:
    """The request for the latest articles of our subjects; the key goes into a header."""
    asked = {"q": SUBJECTS, "language": "en", "sortBy": "publishedAt", "pageSize": "100"}
    return f"{url}?{urlencode(asked)}"


def read(body: bytes) -> tuple[Item, ...]:
    """The articles, in the order of the answer; raises Unreadable."""
    try:
        answer = json.loads(body)
        if answer["status"] != "ok":
            raise Unreadable(f"{answer.get('code')}: {str(answer.get('message'))[:100]}")
        items = [_item(article) for article in answer["articles"]]
    except (KeyError, TypeError, AttributeError, RecursionError, ValueError) as error:
        raise Unreadable(f"not the documented JSON: {error}") from error
    return tuple(item for item in items if item.title and item.url and item.title != REMOVED)


def _item(article: Mapping[str, Any]) -> Item:
    source = article.get("source") or {}
    return Item(
        title=plain.text(article.get("title") or "", limit=plain.TITLE_MAX),
        summary=plain.text(article.get("description") or "", limit=plain.SUMMARY_MAX),
        url=plain.address(article.get("url") or ""),
        guid="",
        source=plain.text(source.get("name") or "NewsAPI", limit=plain.SOURCE_MAX),
        published_at=dates.moment(article.get("publishedAt") or ""),
    )
