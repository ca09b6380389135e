"""The lake holds what PostgreSQL has, once, and gives all of it back."""

import json
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import cast

import pytest
from pyarrow import dataset, decimal128, parquet

from core import clock
from core.errors import Broken
from core.objects import Store
from core.push import redis_client
from market import (
    bodies,
    catalog,
    following,
    lake,
    lake_catalog,
    manifests,
    partitions,
    quant,
    recovery,
    tasks,
)
from market.following import Listed
from market.models import Currency, Instrument
from tests.amazon import Amazon
from tests.market import lakeside
from tests.market.lakeside import NOON

pytestmark = pytest.mark.django_db
QUEUE = "quant"


@pytest.fixture(autouse=True)
def catalog_and_queue_of_this_test() -> Iterator[None]:
    catalog.forget()
    redis_client().delete(QUEUE)
    yield
    catalog.forget()
    redis_client().delete(QUEUE)


@pytest.fixture(params=["file", "s3"])
def place(request: pytest.FixtureRequest, settings, tmp_path: Path) -> Store:
    if request.param == "file":
        settings.LAKE_URL = tmp_path.as_uri()
    else:
        amazon: Amazon = request.getfixturevalue("amazon")
        settings.LAKE_URL = f"s3://{amazon.bucket}/lake"
    return lake.store()


@pytest.fixture
def folder(settings, tmp_path: Path) -> Store:
    settings.LAKE_URL = tmp_path.as_uri()
    return lake.store()


def files(place: Store) -> dict[str, bytes]:
    return {key: place.get(key) for key in place.find() if key.endswith(".parquet")}


def write(place: Store) -> int:
    return lake.write(place, since=lake.FROM_THE_BEGINNING)


def test_postgresql_is_rebuilt_from_the_lake_alone(place: Store) -> None:
    lakeside.fill()
    candles, fixings = lakeside.closed_rows(), lakeside.fixing_rows()
    assert len(candles) == 30 * 4 + 4
    write(place)
    lakeside.empty()
    rebuilt = recovery.rebuild(place)
    assert (rebuilt.rows, rebuilt.strangers, rebuilt.findings) == (len(candles) + 2, (), ())
    assert lakeside.texts(lakeside.closed_rows()) == lakeside.texts(candles)
    assert lakeside.texts(lakeside.fixing_rows()) == lakeside.texts(fixings)


def test_partitions_are_hive_folders_of_a_day_a_month_or_a_year(folder: Store) -> None:
    lakeside.fill(hours=12)
    write(folder)
    assert list(files(folder)) == [
        "candles/interval=1d/source=kraken/date=2025-01-01/candles.parquet",
        "candles/interval=1d/source=kraken/date=2026-01-01/candles.parquet",
        "candles/interval=1h/source=kraken/date=2026-11-01/candles.parquet",
        "candles/interval=1h/source=reference/date=2026-11-01/candles.parquet",
        "candles/interval=1m/source=a%2Fb%20%C3%A9/date=2026-11-20/candles.parquet",
        "fixings/source=ecb/date=2025-01-01/fixings.parquet",
        "fixings/source=ecb/date=2026-01-01/fixings.parquet",
    ]


def test_what_has_not_changed_is_not_written_again(folder: Store) -> None:
    lakeside.fill()
    assert write(folder) > 5
    before = files(folder)
    assert (write(folder), files(folder)) == (0, before)


def test_one_changed_figure_writes_its_partition_alone(place: Store) -> None:
    lakeside.fill()
    write(place)
    before = files(place)
    corrected = lakeside.candle(NOON - timedelta(hours=2), volume=None)
    lakeside.store(corrected)
    assert write(place) == 1
    changed = {key for key, body in files(place).items() if before.get(key) != body}
    assert changed == {"candles/interval=1h/source=kraken/date=2026-11-01/candles.parquet"}
    lakeside.empty()
    recovery.rebuild(place)
    assert any(row[3] == corrected.open_time and row[8] is None for row in lakeside.closed_rows())


def test_the_same_rows_make_the_same_file() -> None:
    lakeside.fill(hours=3)
    (one, *_) = partitions.reaching(NOON - timedelta(hours=1))
    rows = partitions.merged([], partitions.read(one).rows)
    again = partitions.merged(rows, reversed(rows))
    assert partitions.encode(one.table, rows) == partitions.encode(one.table, again)


def test_an_emptied_database_does_not_empty_the_lake(folder: Store) -> None:
    lakeside.fill()
    write(folder)
    everything = lakeside.closed_rows()
    lakeside.empty()
    later = lakeside.candle(NOON + timedelta(hours=1))
    lakeside.store(later)
    assert write(folder) == 1
    recovery.rebuild(folder)
    assert len(lakeside.closed_rows()) == len(everything) + 1


def test_every_file_is_listed_with_checksum_and_rows(folder: Store) -> None:
    lakeside.fill()
    write(folder)
    entries = [entry for one in manifests.every(folder) for entry in one.entries.values()]
    for entry in entries:
        body = folder.get(entry.key)
        assert (manifests.digest(body), len(body)) == (entry.sha256, entry.bytes)
    assert sum(entry.rows for entry in entries) == 30 * 4 + 4 + 2
    assert recovery.verify(folder).findings == ()


def test_a_forming_candle_is_not_kept(folder: Store) -> None:
    lakeside.store(lakeside.candle(NOON, closed=False))
    assert (write(folder), files(folder)) == (0, {})


def test_the_hour_looks_at_new_partitions_only(folder: Store) -> None:
    lakeside.fill(hours=12)
    redis_client().delete(bodies.STREAM)
    with clock.frozen(NOON):
        assert tasks.lake_hour() == "0 hours of bodies written"
        assert run_waiting() == ["market.quant.lake_write"]
        assert len(files(folder)) == 5
        assert "fixings/source=ecb/date=2025-01-01/fixings.parquet" not in files(folder)
        assert tasks.lake_day() == "0 hours of bodies expired"
        run_waiting()
        assert len(files(folder)) == 7


def run_waiting() -> list[str]:
    """Do what waits for the quant process, first come, first served; the tasks' names."""
    done = []
    while message := redis_client().rpop(QUEUE):
        said = json.loads(cast("bytes", message))
        done.append(said["headers"]["task"])
        arguments = json.loads(b64decode(said["body"]))[0]
        if done[-1] == tasks.lake_write.name:
            tasks.lake_write(*arguments)
    return done


def test_between_two_partitions_comes_whatever_else_waits(
    folder: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lake, "TURN_S", 0.0)
    lakeside.fill(hours=12)
    tasks.lake_day()
    quant.ask(tasks.refresh.name)
    lake_write = tasks.lake_write.name
    assert run_waiting() == [lake_write, tasks.refresh.name, *[lake_write] * 7]
    assert len(files(folder)) == 7
    assert recovery.verify(folder).findings == ()


def test_a_spoiled_partition_stops_no_later_turn(
    folder: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lake, "TURN_S", 0.0)
    lakeside.fill(hours=12)
    first = "manifests/candles/interval=1d/source=kraken/2025.json"
    folder.put(first, b"{")
    with pytest.raises(Broken, match="is no list of files"):
        lake.take_turn(lake.FROM_THE_BEGINNING.isoformat())
    run_waiting()
    assert len(files(folder)) == 6


def followed_coin() -> None:
    coin = Listed("LINK", "Chainlink", 12, Decimal("12.5"), Decimal(10**10))
    assert following.store([coin], at=NOON) == ("LINK",)


def test_coins_that_were_followed_come_back_with_their_candles(folder: Store) -> None:
    followed_coin()
    lakeside.store(lakeside.candle(NOON, symbol="LINK-USD"))
    rules = catalog.instrument("LINK-USD")
    write(folder)
    lakeside.empty()
    Instrument.objects.filter(symbol="LINK-USD").delete()
    Currency.objects.filter(code="LINK").delete()
    catalog.forget()
    rebuilt = recovery.rebuild(folder)
    assert (rebuilt.rows, rebuilt.strangers, rebuilt.findings) == (1, (), ())
    assert replace(catalog.instrument("LINK-USD"), id=rules.id) == rules


def test_a_coin_that_was_taken_out_keeps_its_candles(folder: Store) -> None:
    followed_coin()
    lakeside.store(lakeside.candle(NOON, symbol="LINK-USD"))
    following.remove("LINK")
    write(folder)
    known = lakeside.closed_rows()
    lakeside.empty()
    recovery.rebuild(folder)
    assert lakeside.closed_rows() == known


def test_the_lake_forgets_no_instrument(folder: Store) -> None:
    followed_coin()
    write(folder)
    Instrument.objects.filter(symbol="LINK-USD").delete()
    write(folder)
    assert "LINK-USD" in lake_catalog.read(folder)["instruments"]


def test_any_reader_of_hive_folders_reads_the_lake(folder: Store, tmp_path: Path) -> None:
    lakeside.fill(hours=12)
    write(folder)
    candles = dataset.dataset(tmp_path / "candles", format="parquet", partitioning="hive")
    wanted = (dataset.field("interval") == "1h") & (dataset.field("source") == "reference")
    found = candles.to_table(filter=wanted)
    assert (found.num_rows, set(found.column("date").to_pylist())) == (12, {"2026-11-01"})
    first = parquet.ParquetFile(next((tmp_path / "candles").rglob("*.parquet")))
    assert first.metadata.row_group(0).column(0).compression == "ZSTD"
    assert first.schema_arrow.field("open").type == decimal128(38, 18)
