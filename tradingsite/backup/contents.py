"""What does a dump hold that somebody else wrote, and that ours can do without?

Tables of strangers are not in it, so a function of theirs that reads one cannot be made again; nor
may the owner of ours make what only a superuser may, as most extensions. Ours need none of it.
"""

import re
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tradingsite.backup import server

OURS = re.compile(r"^\d+; \d+ \d+ TABLE public django_migrations (\S+)$", re.MULTILINE)
KINDS = (
    *("FUNCTION", "PROCEDURE", "AGGREGATE", "EVENT TRIGGER", "PUBLICATION(?: TABLE)?", "CAST"),
    *("EXTENSION", "PROCEDURAL LANGUAGE", "ACCESS METHOD", "TYPE", "DOMAIN", "OPERATOR(?: CLASS)?"),
    *("FOREIGN DATA WRAPPER", "SERVER", "USER MAPPING", "COLLATION", "TEXT SEARCH", "STATISTICS"),
)
# The owner is the last word; extensions and casts have none.
THEIRS = re.compile(rf"\d+; \d+ \d+ (?:COMMENT \S+ )?((?:{'|'.join(KINDS)}) .*) (\S*)")


@dataclass(frozen=True, slots=True)
class Contents:
    """The entries of a dump to load, as pg_restore reads them, and the names of the others."""

    wanted: str
    left_out: tuple[str, ...]


def of(pieces: Iterable[bytes]) -> Contents:
    """What of this dump is ours. Raises Broken where it has no list."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "list"
        server.write_list(pieces, to=place)
        return without_strangers(place.read_text())


def without_strangers(told: str) -> Contents:
    """The list of a dump without what others than the owner of ours have made, but tables."""
    ours = OURS.search(told)
    wanted, left_out = [], []
    for line in told.splitlines():
        entry = THEIRS.fullmatch(line)
        if entry and ours and entry[2] != ours[1]:
            left_out.append(" of ".join(filter(None, entry.groups())))
        else:
            wanted.append(line)
    return Contents("\n".join(wanted) + "\n", tuple(left_out))
