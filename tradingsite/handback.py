"""What can be given back of a file that somebody took out? Their settings; all else is compared.

Nobody signs such a file, and its owner may have written in it. So no money, right, key or event is
made of it: of those we say row by row whether the house still has what the file tells.
"""

import csv
import io
import json
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn
from uuid import UUID

import jsonschema
from django.db import transaction

from accounts import audit, favourites, people, preferences
from accounts.actors import SYSTEM, Actor
from accounts.models import User
from core import clock
from core.api import strict_json
from core.errors import Code, Refused
from tradingsite import takeout
from tradingsite.takeout import Section

PART_BYTES_MAX = 512 * 2**20  # unpacked
PACKED_AS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
FOREVER = ("events", "entries", "postings")  # what is written there never changes or goes
OF_ONE_ROW = ("person", "preferences")
UNREADABLE = (  # what zipfile, json and csv raise, and we for what has another shape
    *(OSError, EOFError, RuntimeError, zipfile.BadZipFile, zlib.error, csv.Error),
    *(ValueError, KeyError, TypeError, AttributeError),
)
Rows = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Contents:
    """A file that was read whole; `foreign` names parts that have other fields than ours."""

    made_at: datetime
    parts: Mapping[str, Rows]
    foreign: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """One part against what is here now: rows as JSON texts."""

    name: str
    same: int
    changed: tuple[str, ...]  # as the file tells them
    lost: tuple[str, ...]  # only the file has them
    new: tuple[str, ...]  # only we have them

    @property
    def is_a_contradiction(self) -> bool:
        """Whether the file tells of something that would still have to be here, and is not."""
        return self.name in FOREVER and bool(self.changed or self.lost)


@dataclass(frozen=True, slots=True)
class GivenBack:
    """What was set; `unknown` are favourites of currencies that are not listed any more."""

    preferences: bool
    favourites: int
    unknown: tuple[str, ...]


def read(path: Path) -> Contents:
    """Every part, each proved to be as its schema says and as its sheet says.

    Raises Refused `malformed` or `too_large`; `not_found` where there is no such file.
    """
    if not path.is_file():
        raise Refused(Code.NOT_FOUND, f"There is no file {path}.")
    try:
        with zipfile.ZipFile(path) as archive:
            return _contents(archive)
    except UNREADABLE as error:
        raise Refused(Code.MALFORMED, f"The file cannot be read: {error!r:.200}.") from error


def owner(contents: Contents) -> User:
    """Whose file it is, by their id. Raises Refused `not_found`, `malformed`."""
    (told,) = contents.parts.get("person") or [{"id": None}]
    try:
        found = User.objects.filter(public_id=UUID(told["id"])).first()
    except (ValueError, TypeError):
        _refuse("the person has no id")
    if found is None:
        raise Refused(Code.NOT_FOUND, "Nobody here is the person of that file; name somebody.")
    return found


def compare(contents: Contents, user: User) -> tuple[Difference, ...]:
    """The file against what `user` has now, part by part, in one snapshot."""
    with takeout.snapshot():
        return tuple(
            _difference(section, contents.parts[section.name], user)
            for section in takeout.SECTIONS
            if section.name in contents.parts
        )


def give_back(contents: Contents, user: User, *, by: Actor = SYSTEM) -> GivenBack:
    """Set the preferences and favourites of `user` as the file tells them, and write that down.

    Raises Refused where a preference cannot be that, or the person has left; then nothing changed.
    """
    with transaction.atomic():
        people.lock(user)
        done = GivenBack(
            _preferences(contents, user, by), *_favourites(contents.parts.get("favourites"), user)
        )
        after = {"made_at": clock.iso(contents.made_at), **asdict(done)}
        audit.note("data given back", by=by, person=user, after=after)
    return done


def _contents(archive: zipfile.ZipFile) -> Contents:
    packed = {one.filename: one for one in archive.infolist()}
    if len(packed) != len(archive.infolist()):
        _refuse("it has two parts of one name")
    if any(one.file_size > PART_BYTES_MAX for one in packed.values()):
        raise Refused(Code.TOO_LARGE, "A part of the file is larger than any of ours.")
    if any(one.compress_type not in PACKED_AS for one in packed.values()):
        _refuse("it is packed in a way that ours are not")
    told, schema = (json.loads(archive.read(f"{name}.json")) for name in ("manifest", "schema"))
    if told["format"] != takeout.FORMAT:
        _refuse(f"it is of format {told['format']!r:.20}, ours is {takeout.FORMAT}")
    due = {f"{name}.{kind}" for name in told["rows"] for kind in ("json", "csv")}
    if told["rows"].keys() != schema.keys() or packed.keys() ^ due != {
        *("manifest.json", "schema.json")
    }:
        _refuse("its parts are not those that it names")
    ours = takeout.schema()
    known = [one for one in takeout.SECTIONS if schema.get(one.name) == ours[one.name]]
    parts = {one.name: _part(archive, one, told["rows"][one.name]) for one in known}
    foreign = tuple(sorted(schema.keys() - parts.keys()))
    return Contents(datetime.fromisoformat(told["made_at"]), parts, foreign)


def _part(archive: zipfile.ZipFile, section: Section, count: int) -> Rows:
    """One part, which its schema, its sheet and the number of its rows agree on."""
    rows: Rows = json.loads(archive.read(f"{section.name}.json"))
    rules = takeout.schema()[section.name]
    with _named(section.name):
        jsonschema.validate(rows, rules, jsonschema.Draft202012Validator)
    if len(rows) != count or (section.name in OF_ONE_ROW and count > 1):
        _refuse(f"{section.name} has {len(rows)} rows, told are {count!r:.20}")
    with archive.open(f"{section.name}.csv") as file:
        sheet = csv.reader(io.TextIOWrapper(file, "utf-8", newline=""))
        same = [list(section.columns)]
        same += [[takeout.cell(row[name]) for name in section.columns] for row in rows]
        if list(sheet) != same:
            _refuse(f"{section.name} says one thing as JSON and another as CSV")
    return rows


@contextmanager
def _named(part: str) -> Iterator[None]:
    try:
        yield
    except jsonschema.ValidationError as error:
        where = "/".join(map(str, error.absolute_path))
        _refuse(f"{part} is not as its schema says at {where or 'its top'}: {error.message:.200}")


def _difference(section: Section, told: Rows, user: User) -> Difference:
    there = Counter(map(_line, told))
    here = Counter(map(_line, takeout.rows(section, user)))
    lost, new = list((there - here).elements()), list((here - there).elements())
    both = (_ids(lost) & _ids(new)) - {None}
    return Difference(
        section.name,
        (there & here).total(),
        changed=tuple(line for line in lost if _id(line) in both),
        lost=tuple(line for line in lost if _id(line) not in both),
        new=tuple(line for line in new if _id(line) not in both),
    )


def _preferences(contents: Contents, user: User, by: Actor) -> bool:
    rows = contents.parts.get("preferences")
    if rows is None:
        return False
    # Who had set nothing had everything at its default.
    (row,) = rows or [asdict(preferences.DEFAULTS)]
    preferences.change(user, **strict_json.loads(json.dumps(row).encode()), by=by)
    return True


def _favourites(rows: Rows | None, user: User) -> tuple[int, tuple[str, ...]]:
    """How many are marked now, and which codes nobody lists any more."""
    if rows is None:
        return len(favourites.codes(user)), ()
    wanted = {str(row["code"]) for row in rows}
    for code in favourites.codes(user) - wanted:
        favourites.remove(user, code)
    unknown = []
    for code in sorted(wanted):
        try:
            favourites.add(user, code)
        except Refused:
            unknown.append(code[:12])
    return len(wanted) - len(unknown), tuple(unknown)


def _line(row: Mapping[str, Any]) -> str:
    return json.dumps(row, sort_keys=True)


def _id(line: str) -> object:
    return json.loads(line).get("id")


def _ids(lines: list[str]) -> set[object]:
    return set(map(_id, lines))


def _refuse(why: str) -> NoReturn:
    raise Refused(Code.MALFORMED, f"This is not a file as we hand them out: {why}.")
