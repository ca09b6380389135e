"""What was stored comes back byte for byte, or not at all."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core import objects
from core.errors import Broken
from core.objects import Store
from tests.amazon import Amazon
from tradingsite.backup import archive
from tradingsite.backup.archive import Damaged, Manifest

AT = datetime(2026, 11, 20, 14, tzinfo=UTC)
ID, KEY = "2026-11-20T14-00-00Z", "the backup key"
DUMP = [b"first " * 10, b"second", b"", b"third" * 7]
SMALL = 32


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts of a few bytes, so that there are many."""
    monkeypatch.setattr(archive, "PART_BYTES", SMALL)


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    if request.param == "bucket":
        amazon: Amazon = request.getfixturevalue("amazon")
        return objects.at(f"s3://{amazon.bucket}/backups")
    return objects.at(tmp_path.as_uri())


def write(store: Store) -> Manifest:
    return archive.write(store, DUMP, at=AT, server="18.4", secret=KEY)


def read(store: Store, key: str = KEY) -> bytes:
    found = archive.manifest(store, ID, secret=key)
    return b"".join(archive.read(store, found, secret=key))


def test_a_dump_comes_back(store: Store, small: None) -> None:
    made = write(store)
    assert len(made.checksums) == 4
    assert made == archive.manifest(store, ID, secret=KEY)
    assert made.made_at == AT
    assert read(store) == b"".join(DUMP)
    assert archive.listing(store) == [ID]


@given(pieces=st.lists(st.binary(max_size=2000), max_size=8))
@settings(deadline=None, max_examples=50)
def test_however_it_is_cut_it_comes_back(
    pieces: list[bytes], tmp_path_factory: pytest.TempPathFactory
) -> None:
    store = objects.at(tmp_path_factory.mktemp("store").as_uri())
    found = archive.write(store, pieces, at=AT, server="18.4", secret=KEY)
    assert b"".join(archive.read(store, found, secret=KEY)) == b"".join(pieces)


def test_nothing_can_be_read_in_the_store(store: Store, small: None) -> None:
    write(store)
    assert all(b"second" not in store.get(key) for key in store.find())


@pytest.mark.parametrize("part", ["part-000000", "part-000003", archive.MANIFEST])
def test_one_flipped_bit_is_noticed(store: Store, small: None, part: str) -> None:
    write(store)
    body = bytearray(store.get(f"{ID}/{part}"))
    body[len(body) // 2] ^= 1
    store.put(f"{ID}/{part}", bytes(body))
    with pytest.raises(Damaged):
        read(store)


def test_a_truncated_part_is_noticed(store: Store, small: None) -> None:
    write(store)
    store.put(f"{ID}/part-000001", store.get(f"{ID}/part-000001")[:-1])
    with pytest.raises(Damaged, match="part-000001"):
        read(store)


def test_a_missing_part_is_noticed(store: Store, small: None) -> None:
    write(store)
    store.delete(f"{ID}/part-000003")
    with pytest.raises(Damaged, match="missing"):
        read(store)


def test_another_key_is_named(store: Store) -> None:
    write(store)
    with pytest.raises(Damaged, match=archive.key_id(KEY)):
        read(store, key="another")


def test_a_manifest_cannot_be_shortened(store: Store, small: None) -> None:
    """Whoever can write to the store cannot take the end of a backup away."""
    made = write(store)
    shorter = Manifest(
        made.id, made.server, made.key_id, made.salt, made.sizes[:2], made.checksums[:2]
    )
    with pytest.raises(Damaged, match="open"):
        list(archive.read(store, shorter, secret=KEY))


def test_a_killed_writer_leaves_no_backup(store: Store, small: None) -> None:
    def dies() -> Iterator[bytes]:
        yield b"x" * 100
        raise Broken("pg_dump failed")

    with pytest.raises(Broken):
        archive.write(store, dies(), at=AT, server="18.4", secret=KEY)
    assert archive.listing(store) == []
    assert archive.leftovers(store) == [ID]
    archive.remove(store, ID)
    assert list(store.find()) == []


@pytest.mark.parametrize("field", ["salt", "sizes", "checksums", "id", "key_id", "mac"])
@pytest.mark.parametrize("value", [None, 5, "", "zz", "é", ["é"], {}])
def test_a_manifest_of_any_shape_is_refused_in_words(
    tmp_path: Path, field: str, value: object
) -> None:
    store = objects.at(tmp_path.as_uri())
    write(store)
    told = json.loads(store.get(f"{ID}/{archive.MANIFEST}"))
    (told if field == "mac" else told["manifest"])[field] = value
    store.put(f"{ID}/{archive.MANIFEST}", json.dumps(told).encode())
    with pytest.raises(Damaged):
        read(store)
