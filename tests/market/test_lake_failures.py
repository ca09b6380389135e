"""What breaks in the lake is refused and said; the next write puts right whatever it can."""

import os
import threading
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections

from core import aws, objects
from core.errors import Broken, Retryable
from core.objects import Folder
from market import lake, lake_catalog, lake_repair, manifests, recovery, research
from market.lake_repair import Repaired
from market.manifests import Manifest
from tests.amazon import Amazon, point_at
from tests.market import lakeside
from tests.market.lakeside import NOON

pytestmark = pytest.mark.django_db
KEY = "candles/interval=1h/source=kraken/date=2026-11-01/candles.parquet"
EVER = lake.FROM_THE_BEGINNING.isoformat()


@pytest.fixture
def place(settings, tmp_path: Path) -> Folder:
    settings.LAKE_URL = tmp_path.as_uri()
    lakeside.fill(hours=12)
    return Folder(tmp_path)


def write(place: objects.Store) -> int:
    return lake.write(place, since=lake.FROM_THE_BEGINNING)


def problems(place: objects.Store) -> dict[str, str]:
    return {finding.key: finding.problem for finding in recovery.verify(place).findings}


def spoil(place: Folder, how: str) -> None:
    body = place.get(KEY)
    if how == "truncated":
        place.put(KEY, body[: len(body) // 2])
    elif how == "flipped":
        middle = len(body) // 2
        place.put(KEY, body[:middle] + bytes([body[middle] ^ 1]) + body[middle + 1 :])
    elif how == "empty":
        place.put(KEY, b"")
    else:
        place.delete(KEY)


@pytest.mark.parametrize("how", ["truncated", "flipped", "empty", "missing"])
def test_a_spoiled_file_is_found_refused_and_written_anew(place: Folder, how: str) -> None:
    write(place)
    spoil(place, how)
    expected = "missing" if how == "missing" else f"damaged: {KEY} is not what was written there."
    assert problems(place) == {KEY: expected}
    with pytest.raises(Broken):
        research.frame("BTC-USD", "1h", source="kraken", store="lake")
    lakeside.store(lakeside.candle(NOON))
    assert write(place) == 1
    assert problems(place) == {}


@pytest.mark.parametrize("how", ["flipped", "missing"])
def test_a_repair_brings_a_spoiled_file_back_from_postgresql(place: Folder, how: str) -> None:
    write(place)
    whole = place.get(KEY)
    spoil(place, how)
    assert write(place) == 0  # nothing has changed there
    call_command("lake", "repair")
    assert (place.get(KEY), problems(place)) == (whole, {})
    assert lake_repair.repair(place) == Repaired(0, ())


def test_a_repair_tells_a_spoiled_file_that_postgresql_has_not(place: Folder) -> None:
    write(place)
    spoil(place, "flipped")
    spoiled = place.get(KEY)
    lakeside.empty()
    lakeside.store(lakeside.candle(NOON))
    with pytest.raises(CommandError, match="PostgreSQL has fewer rows than it had"):
        call_command("lake", "repair")
    assert place.get(KEY) == spoiled


def test_a_rebuild_tells_the_spoiled_file_and_brings_the_rest(place: Folder) -> None:
    write(place)
    everything = len(lakeside.closed_rows())
    spoil(place, "flipped")
    lakeside.empty()
    rebuilt = recovery.rebuild(place)
    assert [finding.key for finding in rebuilt.findings] == [KEY]
    assert len(lakeside.closed_rows()) == everything - 24


def test_a_spoiled_file_with_more_than_postgresql_has_is_left(place: Folder) -> None:
    write(place)
    spoil(place, "flipped")
    spoiled = place.get(KEY)
    lakeside.empty()
    lakeside.store(lakeside.candle(NOON))
    with pytest.raises(Broken, match="PostgreSQL has fewer rows than it had"):
        write(place)
    assert place.get(KEY) == spoiled


def test_a_full_disk_leaves_what_was_there(place: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    write(place)
    before = place.get(KEY)
    lakeside.store(lakeside.candle(NOON))
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(Broken, match="No space left on device"):
            write(place)
    assert (place.get(KEY), problems(place)) == (before, {})
    assert write(place) == 1


def full(descriptor: int) -> None:
    raise OSError(28, "No space left on device")


def test_a_write_cut_off_between_file_and_list_is_found_and_healed(
    place: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(place)
    lakeside.store(lakeside.candle(NOON))
    with monkeypatch.context() as patch:
        patch.setattr(Manifest, "save", killed)
        with pytest.raises(KeyboardInterrupt):
            write(place)
    assert list(problems(place)) == [KEY]
    assert write(place) == 1
    assert problems(place) == {}


def killed(*arguments: object) -> None:
    raise KeyboardInterrupt


def test_a_file_on_no_list_is_told(place: Folder) -> None:
    write(place)
    place.put("candles/interval=1h/source=x/date=2026-11-01/candles.parquet", b"?")
    assert list(problems(place).values()) == ["on no list"]


def test_a_list_that_is_none_stops_the_writer(place: Folder) -> None:
    write(place)
    place.put("manifests/candles/interval=1h/source=kraken/2026.json", b"[" * 100_000)
    lakeside.store(lakeside.candle(NOON))
    before = place.get(KEY)
    with pytest.raises(Broken, match="is no list of files"):
        write(place)
    assert place.get(KEY) == before
    assert sorted(problems(place)) == [KEY, "manifests/candles/interval=1h/source=kraken/2026.json"]
    assert len(recovery.rebuild(place).findings) == 2


@pytest.mark.parametrize("lost", ["one", "every", "half of one"])
def test_files_whose_list_is_lost_are_told_and_brought_back_all_the_same(
    place: Folder, lost: str
) -> None:
    write(place)
    known, files = lakeside.closed_rows(), lose_lists(place, lost)
    lakeside.empty()
    assert {KEY} <= files <= {finding.key for finding in recovery.rebuild(place).findings}
    assert lakeside.closed_rows() == known


@pytest.mark.parametrize("lost", ["one", "every", "half of one"])
def test_lists_are_made_anew_from_the_files(place: Folder, lost: str) -> None:
    write(place)
    known, files = lakeside.closed_rows(), lose_lists(place, lost)
    assert lake_repair.repair(place) == Repaired(len(files), ())
    assert problems(place) == {}
    lakeside.empty()
    assert recovery.rebuild(place).findings == ()
    assert lakeside.closed_rows() == known
    assert (write(place), lake_repair.repair(place)) == (len(files), Repaired(0, ()))


def test_a_repair_tells_the_file_that_no_list_can_name(place: Folder) -> None:
    write(place)
    for key in ("raw/source=x/date=2026-11-01/hour=03.jsonl.gz", "candles/date=bad/c.parquet"):
        place.put(key, b"?")
    spoil(place, "truncated")
    lose_lists(place, "one")
    assert len(lake_repair.repair(place).findings) == 3
    assert KEY in problems(place)


def lose_lists(place: Folder, which: str) -> set[str]:
    """Of one series, or of all; the files that no list names then."""
    one = "manifests/candles/interval=1h/source=kraken/2026.json"
    if which == "half of one":
        place.put(one, place.get(one)[:50])
        return {KEY}
    lists = [one] if which == "one" else [*place.find("manifests/")]
    files = {entry for key in lists for entry in manifests.load(place, key).entries}
    for key in lists:
        place.delete(key)
    return files


@pytest.mark.parametrize("key", ["foo", "candles/date=bad/c.parquet", "secrets/date=2026-01-01/x"])
def test_an_entry_that_names_no_partition_is_told_and_holds_up_nobody(
    place: Folder, key: str
) -> None:
    write(place)
    known = lakeside.closed_rows()
    place.put(key, b"?")
    Manifest("manifests/candles/x/2026.json", {}).enter(place, key, b"?", rows=1, source="")
    lakeside.empty()
    assert {finding.key for finding in recovery.rebuild(place).findings} == {key}
    assert lakeside.closed_rows() == known
    assert problems(place) == {key: f"damaged: {key!r} names no partition."}


@pytest.mark.parametrize("verb", ["verify", "rebuild"])
def test_a_place_where_nothing_lies_is_told(settings, tmp_path: Path, verb: str) -> None:
    settings.LAKE_URL = (tmp_path / "mistyped").as_uri()
    with pytest.raises(CommandError, match="Nothing lies there"):
        call_command("lake", verb)


def test_a_damaged_catalog_is_told_and_holds_up_nobody(place: Folder) -> None:
    write(place)
    body = place.get(lake_catalog.KEY)
    place.put(lake_catalog.KEY, body.replace(b"Bitcoin", b"Bitcorn"))
    assert list(problems(place)) == [lake_catalog.KEY]
    lakeside.store(lakeside.candle(NOON))
    with pytest.raises(Broken, match=r"1 partitions written, 1 not: catalog/"):
        write(place)
    lakeside.empty()
    assert [one.key for one in recovery.rebuild(place).findings] == [lake_catalog.KEY]
    assert len(lakeside.closed_rows()) > 40


def test_s3_that_does_not_answer_is_come_back_to(
    amazon: Amazon, settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.LAKE_URL = f"s3://{amazon.bucket}/lake"
    lakeside.fill(hours=3)
    monkeypatch.setattr(aws, "TRIES", 1)
    monkeypatch.setattr(lake, "TURN_S", 60.0)
    point_at("http://127.0.0.1:9", settings, monkeypatch)
    with pytest.raises(Retryable, match="AWS did not answer"):
        lake.take_turn(EVER)
    point_at(amazon.url, settings, monkeypatch)
    assert lake.take_turn(EVER) == "7 partitions written"
    assert problems(lake.store()) == {}


def test_s3_that_refuses_is_for_an_operator(amazon: Amazon, settings) -> None:
    settings.LAKE_URL = "s3://not-there/lake"
    lakeside.fill(hours=3)
    before = lakeside.closed_rows()
    with pytest.raises(Broken, match=r"0 partitions written, .* not: .*AWS refused .NoSuchBucket."):
        lake.take_turn(EVER)
    assert lakeside.closed_rows() == before


def test_two_writers_take_turns(place: Folder) -> None:
    said: list[str] = []

    def second() -> None:
        try:
            lake.keep_hour()
        except Retryable as error:
            said.append(error.message)
        finally:
            connections.close_all()

    with lake.alone():
        other = threading.Thread(target=second)
        other.start()
        other.join(20)
    assert said == ["Another process is writing the lake."]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [lake.LOCK])
        assert cursor.fetchone() == (True,)
        cursor.execute("SELECT pg_advisory_unlock(%s)", [lake.LOCK])


def test_without_its_lists_the_lake_loses_nothing(place: Folder) -> None:
    write(place)
    known = lakeside.closed_rows()
    for key in list(place.find("manifests/")):
        place.delete(key)
    lakeside.empty()
    lakeside.store(lakeside.candle(NOON))
    assert write(place) == 1
    recovery.rebuild(place)
    found = {row[:4] for row in lakeside.closed_rows()}
    of_this_file = {row[:4] for row in known if (row[1], row[2]) == ("kraken", "1h")}
    assert found > of_this_file


def test_a_spoiled_partition_does_not_hold_up_the_others(place: Folder) -> None:
    place.put("manifests/candles/interval=1h/source=kraken/2026.json", b"{")
    with pytest.raises(Broken, match=r"6 partitions written, 1 not: manifests/.*is no list"):
        write(place)
    assert whole_files(place) == 6


def whole_files(place: Folder) -> int:
    place.delete("manifests/candles/interval=1h/source=kraken/2026.json")
    assert problems(place) == {}
    return len([*place.find("candles/"), *place.find("fixings/")])
