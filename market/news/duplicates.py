"""Is this the same story as one we have? By its address or id, or by a title that is almost equal.

Agencies sell one text to many papers, and feeds of one house overlap. A title counts as equal when
only small words, endings or punctuation differ, never where a number or a name does: "Delta stock
sinks" and "Ford stock sinks" are two stories.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import timedelta
from hashlib import sha256
from urllib.parse import parse_qsl, urlencode, urlsplit

from rapidfuzz import fuzz, process

WINDOW = timedelta(hours=48)  # between two publications of one story
ALIKE = 90.0  # rapidfuzz's ratio, of 100
WORDS_MIN = 4  # a shorter title says too little to be compared
TRACKING = re.compile(
    r"^(utm_.*|ref|source|cmpid|mod|section|time|guccounter|[gf]bclid|wt_.*|rss)$"
)
WORD = re.compile(r"[^\W_]+(?:[.,'’][^\W_]+)*")
SMALL = {
    *("a", "an", "and", "as", "at", "but", "by", "for", "from", "in", "into", "is", "it", "its"),
    *("of", "on", "or", "over", "s", "says", "the", "to", "was", "with", "update", "exclusive"),
}


def digests(url: str, guid: str, feed: str) -> tuple[str, ...]:
    """What the story is known again by; a guid that is no address counts within its feed only."""
    host = urlsplit(feed).hostname or feed
    known_as = (
        guid if guid.startswith(("http://", "https://")) else f"{host} {guid}" if guid else ""
    )
    names = dict.fromkeys((canonical(url), canonical(known_as)))
    return tuple(sha256(name.encode()).hexdigest() for name in names if name)


def canonical(address: str) -> str:
    """An address without what differs between two ways to the same page; other text as it is."""
    try:
        parts = urlsplit(address)
    except ValueError:  # a feed's own id may look like an address that is none
        return address
    if not parts.netloc:
        return address
    asked = [(k, v) for k, v in parse_qsl(parts.query) if not TRACKING.match(k.lower())]
    host = (parts.hostname or "").removeprefix("www.").removeprefix("m.")
    query = f"?{urlencode(sorted(asked))}" if asked else ""
    return f"{host}{parts.path.rstrip('/')}{query}"


def same(title: str, others: Mapping[int, str]) -> int | None:
    """The key of the title, among normal ones, that says the same; None where none does."""
    normal = normalise(title)
    if len(normal.split()) < WORDS_MIN:
        return None
    found = process.extract(normal, others, scorer=fuzz.ratio, score_cutoff=ALIKE, limit=5)
    return next((key for other, _, key in found if _differ_in_little(normal, other)), None)


def normalise(title: str) -> str:
    """The words of a title that say something, in one case and without punctuation."""
    words = WORD.findall(title.casefold().replace("’", "'"))
    return " ".join(word for word in words if word not in SMALL)


def _differ_in_little(one: str, other: str) -> bool:
    differing = set(one.split()) ^ set(other.split())
    return all(_has_twin(word, differing) for word in differing)


def _has_twin(word: str, words: Iterable[str]) -> bool:
    """Whether one of the words is another form of this one: a plural, a spelling."""
    if any(char.isdigit() for char in word):
        return False
    return any(other != word and fuzz.ratio(word, other) >= ALIKE - 15 for other in words)
