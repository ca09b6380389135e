"""What does an RSS or Atom body say? Read by feedparser, which forgives what is not well formed."""

import re
import sys
from io import BytesIO
from typing import Any
from urllib.parse import urljoin

import feedparser

from market.news import dates, plain
from market.news.items import Item, Unreadable

ENTRIES_MAX = 200  # of one body
REFERENCE = re.compile(rb"&#(?:(\d{1,8})|[xX]([0-9a-fA-F]{1,8}));")
SURROGATES = range(0xD800, 0xE000)


def read(body: bytes, *, content_type: str, url: str, title: str = "") -> tuple[Item, ...]:
    """The entries of a feed, in its order; `title` is used where the feed names itself not.

    Raises Unreadable for a body without any usable entry.
    """
    told = {"content-type": content_type, "content-location": url}
    # As a file: feedparser would open or fetch what a body of bytes names. Cleaning is ours.
    clean = REFERENCE.sub(_character, body)
    parsed = feedparser.parse(BytesIO(clean), response_headers=told, sanitize_html=False)
    source = plain.text(parsed.feed.get("title") or title or url, limit=plain.SOURCE_MAX)
    items = [_item(entry, source, url) for entry in parsed.entries[:ENTRIES_MAX]]
    usable = tuple(item for item in items if item.title and item.url)
    if not usable:
        why = parsed.get("bozo_exception")
        raise Unreadable(f"no entry can be used ({why or 'not a feed'})")
    return usable


def _item(entry: Any, source: str, url: str) -> Item:
    link = entry.get("link")  # without one it would lead to the feed, as all such entries
    said = dict(entry)  # whose own way of asking answers for names the entry has not
    written = said.get("published") or said.get("updated") or said.get("created") or ""
    return Item(
        title=plain.text(entry.get("title") or "", limit=plain.TITLE_MAX),
        summary=plain.text(entry.get("summary") or "", limit=plain.SUMMARY_MAX),
        url=plain.address(_joined(url, link)) if link else "",
        guid=str(entry.get("id") or ""),
        source=source,
        published_at=dates.moment(written),
    )


def _character(found: re.Match[bytes]) -> bytes:
    """A reference by number, nothing where there is no such character: feedparser breaks off there.

    Some sites write each emoji as two halves of UTF-16.
    """
    number = int(found[1]) if found[1] else int(found[2], 16)
    return b"" if number in SURROGATES or number > sys.maxunicode else found[0]


def _joined(url: str, link: str) -> str:
    try:
        return urljoin(url, link)
    except ValueError:
        return ""
