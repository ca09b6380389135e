"""Can a file that somebody took out be read again, and what does it give back?"""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts import favourites, preferences
from accounts.models import AuditRecord, User
from core.errors import Refused
from portfolio.models import JournalEntry, LedgerAccount, Posting
from tests import cast
from tests.accounts.people import make
from tests.portfolio import prices
from tests.portfolio.stillness import nothing_moves
from tradingsite import handback, takeout

pytestmark = pytest.mark.django_db
Rewrite = Callable[[dict[str, bytes]], None]


@pytest.fixture
def charlie() -> User:
    """Has money, settings of their own and two favourites."""
    prices.publish_all()
    user = cast.charlie()
    preferences.change(user, theme="dark", base_currency="CHF", chart={"kind": "line"})
    favourites.add(user, "EUR")
    favourites.add(user, "BTC")
    return user


@pytest.fixture
def file(charlie: User, tmp_path: Path) -> Path:
    path = tmp_path / "data.zip"
    with takeout.pack(charlie) as packed:
        path.write_bytes(packed.read())
    return path


def rewrite(file: Path, change: Rewrite) -> None:
    with zipfile.ZipFile(file) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    change(parts)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in parts.items():
            archive.writestr(name, body)


def settings_of(user: User) -> tuple[Any, ...]:
    fresh = User.objects.get(pk=user.pk)
    return preferences.of(fresh), favourites.codes(fresh)


def test_settings_that_were_changed_since_are_given_back(charlie: User, file: Path) -> None:
    before = settings_of(charlie)
    preferences.change(charlie, theme="light", base_currency="EUR", chart={})
    favourites.remove(charlie, "BTC")
    favourites.add(charlie, "JPY")
    contents = handback.read(file)
    done = handback.give_back(contents, handback.owner(contents))
    assert settings_of(charlie) == before
    assert (done.favourites, done.unknown) == (2, ())
    assert AuditRecord.objects.filter(event="data given back", person=charlie.public_id).exists()


def test_settings_that_are_gone_are_given_back(charlie: User, file: Path) -> None:
    before = settings_of(charlie)
    charlie.preference.delete()
    charlie.favourites.all().delete()
    handback.give_back(handback.read(file), charlie)
    assert settings_of(charlie) == before


def test_who_had_set_nothing_has_the_defaults_again(tmp_path: Path) -> None:
    user = make("alice")
    path = tmp_path / "data.zip"
    path.write_bytes(takeout.pack(user).read())
    preferences.change(user, theme="dark")
    handback.give_back(handback.read(path), user)
    assert settings_of(user) == (preferences.DEFAULTS, frozenset())


def test_a_file_is_the_same_as_what_it_was_made_of(charlie: User, file: Path) -> None:
    for part in handback.compare(handback.read(file), charlie):
        assert (part.changed, part.lost, part.new) == ((), (), ()), part.name
    assert len(handback.read(file).parts) == len(takeout.SECTIONS)


def test_what_came_since_is_told_and_is_no_contradiction(charlie: User, file: Path) -> None:
    cast.give(cast.account_of(charlie), "5", "EUR")
    found = {one.name: one for one in handback.compare(handback.read(file), charlie)}
    assert [len(found[name].new) for name in ("entries", "postings", "balances")] == [1, 2, 1]
    assert not any(one.is_a_contradiction for one in found.values())


def invent_money(parts: dict[str, bytes]) -> None:
    """What a clever owner might write into their file: twice the play money."""
    for name in ("postings", "balances"):
        for kind in ("json", "csv"):
            key = f"{name}.{kind}"
            parts[key] = parts[key].replace(b"10000", b"20000")


def test_no_money_is_made_of_a_file(charlie: User, file: Path, capsys) -> None:
    rewrite(file, invent_money)
    with nothing_moves(), pytest.raises(CommandError, match="lack what the file tells"):
        call_command("read_takeout", file, give_back=True)
    said = capsys.readouterr().out
    assert '"amount": "20000"' in said
    assert "postings" in said
    assert not LedgerAccount.objects.filter(balance=20_000).exists()
    assert not Posting.objects.filter(amount=20_000).exists()


def rows_of(parts: dict[str, bytes], name: str, change: Callable[[Any], Any]) -> None:
    parts[f"{name}.json"] = json.dumps(change(json.loads(parts[f"{name}.json"]))).encode()


def _without(key: str) -> Rewrite:
    return lambda parts: parts.__delitem__(key)


def _said(key: str, body: bytes) -> Rewrite:
    return lambda parts: parts.__setitem__(key, body)


SPOILT: dict[str, tuple[str, Rewrite]] = {
    "a part missing": ("parts are not those", _without("entries.csv")),
    "no manifest": ("cannot be read", _without("manifest.json")),
    "no schema": ("cannot be read", _said("schema.json", b"[]")),
    "no JSON": ("cannot be read", _said("entries.json", b"[{]")),
    "no rows": ("not as its schema says at its top", _said("entries.json", b"{}")),
    "fewer rows": ("has 0 rows, told are", _said("entries.json", b"[]")),
    "another type": (
        "not as its schema says at 0/theme",
        lambda parts: rows_of(parts, "preferences", lambda rows: [{**rows[0], "theme": 1}]),
    ),
    "another sheet": (
        "one thing as JSON and another as CSV",
        lambda parts: rows_of(parts, "favourites", lambda rows: [{"code": "XYZ"}, *rows[1:]]),
    ),
    "another format": (
        "of format 2",
        lambda parts: parts.__setitem__(
            "manifest.json", parts["manifest.json"].replace(b'"format": 1', b'"format": 2')
        ),
    ),
}


@pytest.mark.parametrize("how", SPOILT)
def test_a_file_that_was_spoilt_is_refused(charlie: User, file: Path, how: str) -> None:
    saying, change = SPOILT[how]
    rewrite(file, change)
    preferences.change(charlie, theme="light")
    before = settings_of(charlie)
    with nothing_moves(), pytest.raises(CommandError, match=saying):
        call_command("read_takeout", file, give_back=True)
    assert settings_of(charlie) == before


@pytest.mark.parametrize("body", [b"", b"PK\x03\x04 no zip"])
def test_what_is_no_zip_is_refused(tmp_path: Path, body: bytes) -> None:
    (tmp_path / "x").write_bytes(body)
    for name in ("x", "nothing"):
        with pytest.raises(Refused):
            handback.read(tmp_path / name)


def test_a_part_that_unpacks_to_too_much_is_refused(file: Path, monkeypatch) -> None:
    monkeypatch.setattr(handback, "PART_BYTES_MAX", 100)
    with pytest.raises(Refused, match="larger than any of ours"):
        handback.read(file)


@pytest.fixture
def hostile(charlie: User, file: Path) -> Path:
    """Its settings fit the schema, and are none that a person may have."""

    def change(parts: dict[str, bytes]) -> None:
        for kind in ("json", "csv"):
            name = f"preferences.{kind}"
            parts[name] = parts[name].replace(b"dark", b"neon")

    rewrite(file, change)
    return file


def test_settings_nobody_may_have_are_refused_whole(charlie: User, hostile: Path) -> None:
    favourites.remove(charlie, "BTC")
    before = settings_of(charlie)
    with pytest.raises(CommandError, match="theme"):
        call_command("read_takeout", hostile, give_back=True)
    assert settings_of(charlie) == before


def test_a_part_of_another_version_is_left_aside(charlie: User, file: Path, capsys) -> None:
    def change(parts: dict[str, bytes]) -> None:
        schema = json.loads(parts["schema.json"])
        schema["entries"]["items"]["properties"]["later"] = {}
        parts["schema.json"] = json.dumps(schema).encode()

    rewrite(file, change)
    call_command("read_takeout", file)
    assert "Not read, of another version of the house: entries" in capsys.readouterr().out


def test_somebody_else_may_get_the_settings_and_nothing_more(
    charlie: User, file: Path, capsys
) -> None:
    alice = make("alice")
    before = JournalEntry.objects.count()
    call_command("read_takeout", file, person="alice", give_back=True)
    assert settings_of(alice) == settings_of(charlie)
    assert JournalEntry.objects.count() == before
    assert "1 only in the file" in capsys.readouterr().out


def test_a_favourite_nobody_lists_any_more_is_named(charlie: User, file: Path) -> None:
    def change(parts: dict[str, bytes]) -> None:
        for kind in ("json", "csv"):
            parts[f"favourites.{kind}"] = parts[f"favourites.{kind}"].replace(b"BTC", b"GONE")

    rewrite(file, change)
    assert handback.give_back(handback.read(file), charlie).unknown == ("GONE",)
    assert favourites.codes(charlie) == {"EUR"}


def test_nobody_is_found_for_a_file_of_another_house(charlie: User, file: Path) -> None:
    contents = handback.read(file)
    contents.parts["person"][0]["id"] = "00000000-0000-4000-8000-000000000000"
    with pytest.raises(Refused, match="name somebody"):
        handback.owner(contents)
