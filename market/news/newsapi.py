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
    """The usable articles, in the order of the answer; raises Unreadable where there is none."""
    try:
        answer = json.loads(body)
        if answer["status"] != "ok":
            raise Unreadable(f"{answer.get('code')}: {str(answer.get('message'))[:100]}")
        said = [*answer["articles"]]
    except (KeyError, TypeError, AttributeError, RecursionError, ValueError) as error:
        raise Unreadable(f"not the documented JSON: {error}") from error
    items = [item for item in map(_item, said) if item]
    if said and not items:
        raise Unreadable("not one article as documented")
    return tuple(item for item in items if item.title and item.url and item.title != REMOVED)


def _item(said: Any) -> Item | None:
    """One article; None where it is not as documented, which costs no other."""
    try:
        return _read(said)
    except (TypeError, AttributeError, ValueError, KeyError):
        return None


def _read(article: Mapping[str, Any]) -> Item:
    source = article.get("source") or {}
    return Item(
        title=plain.text(article.get("title") or "", limit=plain.TITLE_MAX),
        summary=plain.text(article.get("description") or "", limit=plain.SUMMARY_MAX),
        url=plain.address(article.get("url") or ""),
        guid="",
        source=plain.text(source.get("name") or "NewsAPI", limit=plain.SOURCE_MAX),
        published_at=dates.moment(article.get("publishedAt") or ""),
    )
