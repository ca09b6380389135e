"""What is left of a stranger's HTML? Plain text: no tags, no entities, nothing invisible."""

import html
import re
import unicodedata
from urllib.parse import urlsplit

import nh3

TITLE_MAX, SUMMARY_MAX, SOURCE_MAX, URL_MAX = 300, 600, 80, 2000
BLOCKS = re.compile(r"</(p|div|li|h\d|td|tr)>|<br\s*/?>", re.IGNORECASE)
# Control, format (bidirectional marks, zero width), surrogates and private characters.
UNSEEN = ("Cc", "Cf", "Cs", "Co", "Cn")


def text(markup: str, *, limit: int) -> str:
    """What a reader would see of it on one line, at most `limit` characters long.

    Entities are read twice, because feeds escape what was escaped before; the result is text and
    has to be escaped by whoever shows it.
    """
    seen = BLOCKS.sub(" ", html.unescape(markup[: limit * 50]))
    seen = html.unescape(nh3.clean(seen, tags=set(), clean_content_tags={"script", "style"}))
    seen = "".join(" " if char.isspace() else char for char in seen)
    seen = "".join(char for char in seen if unicodedata.category(char) not in UNSEEN)
    return shortened(" ".join(seen.split()), limit)


def shortened(line: str, limit: int) -> str:
    """The line, cut at a word where it is too long."""
    if len(line) <= limit:
        return line
    return f"{line[: limit - 1].rpartition(' ')[0] or line[: limit - 1]}…"


def address(url: str) -> str:
    """A link that may stand on a page, or nothing: http and https only."""
    link = url.strip()
    if len(link) > URL_MAX or not link.isprintable() or any(char in link for char in " <>\"'\\"):
        return ""
    try:
        parts = urlsplit(link)
    except ValueError:
        return ""
    return link if parts.scheme in ("http", "https") and parts.hostname else ""
