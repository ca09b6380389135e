"""Objects in a folder and in a bucket: whole or not at all, and the same rules for both."""

import os
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core import objects
from core.aws import Absent
from core.errors import Broken
from core.objects import Store
from tests.amazon import Amazon
from tests.tidy.tree import PROJECT


@pytest.fixture(params=["file", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    if request.param == "file":
        return objects.at(f"file://{tmp_path}/a%20lake")
    amazon: Amazon = request.getfixturevalue("amazon")
    return objects.at(f"s3://{amazon.bucket}/some/prefix/")


def test_what_was_put_is_got_and_listed(store: Store) -> None:
    store.put("raw/b", b"second")
    store.put("raw/a/deep", b"first")
    store.put("other", b"")
    assert (store.get("raw/a/deep"), store.get("other")) == (b"first", b"")
    assert list(store.find()) == ["other", "raw/a/deep", "raw/b"]
    assert list(store.find("raw/a")) == ["raw/a/deep"]
    assert list(store.find("nothing/here")) == []


def test_a_second_put_replaces_the_first(store: Store) -> None:
    store.put("one", b"first")
    store.put("one", b"second")
    assert (store.get("one"), list(store.find())) == (b"second", ["one"])


def test_what_is_not_there_is_absent_and_may_be_deleted(store: Store) -> None:
    store.put("one", b"first")
    store.delete("one")
    store.delete("one")
    with pytest.raises(Absent):
        store.get("one")


@pytest.mark.parametrize("url", ["", "/var/lake", "http://host/lake", "s3://", "file://host/lake"])
def test_an_address_that_is_no_store_is_named(url: str) -> None:
    with pytest.raises(Broken, match=r"neither file:///folder nor s3://bucket/prefix"):
        objects.at(url)


def test_a_secret_in_an_address_is_not_repeated() -> None:
    with pytest.raises(Broken) as raised:
        objects.at("s3://key:canary@bucket/lake")
    assert "canary" not in raised.value.message


@pytest.mark.parametrize("key", ["", "/etc/passwd", "a/../../b", "a//b", "a/./b"])
def test_no_key_leads_out_of_the_folder(tmp_path: Path, key: str) -> None:
    with pytest.raises(Broken, match="no key"):
        objects.Folder(tmp_path / "lake").put(key, b"out")
    assert list(tmp_path.rglob("*")) == []


def test_a_write_that_is_cut_short_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = objects.Folder(tmp_path)
    folder.put("a/one", b"first")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Broken, match="write a/one: No space left on device"):
        folder.put("a/one", b"second")
    assert [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()] == [b"first"]


WRITER = """
import sys
from pathlib import Path
from core.objects import Folder
folder, number = Folder(Path(sys.argv[1])), 0
while True:
    number += 1
    folder.put("a/one", str(number % 10).encode() * 3_000_000)
    print(number, flush=True)
"""


def test_a_writer_that_is_killed_leaves_a_whole_object(tmp_path: Path) -> None:
    folder = objects.Folder(tmp_path)
    for kill in range(3):
        command = [sys.executable, "-c", WRITER, str(tmp_path)]
        with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE) as writer:
            assert writer.stdout is not None
            for _ in range(kill + 1):
                writer.stdout.readline()
            time.sleep(0.002 * kill)
            writer.kill()
        body = folder.get("a/one")
        assert (len(body), len(set(body))) == (3_000_000, 1)
        assert list(folder.find()) == ["a/one"]


def test_the_draft_of_a_killed_writer_is_no_object(tmp_path: Path) -> None:
    folder = objects.Folder(tmp_path)
    folder.put("a/one", b"first")
    (tmp_path / "a" / f"{objects.DRAFT}0123").write_bytes(b"half")
    assert list(folder.find()) == ["a/one"]
    assert folder.sweep(datetime.now(UTC) - timedelta(days=1)) == 0
    assert folder.sweep(datetime.now(UTC) + timedelta(days=1)) == 1
    assert (folder.get("a/one"), len(list((tmp_path / "a").iterdir()))) == (b"first", 1)
