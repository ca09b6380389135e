"""Does what was imported go again, with all that it made, and nothing else?"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from core import clock
from core.errors import Refused, Retryable
from core.push import redis_client
from market import catalog, import_removal, lake, recovery, rollup
from market.indicators import upkeep
from market.models import Signal
from market.simulation import SIMULATED
from market.studies import shelf
from tests.market import lakeside
from tests.market.lakeside import candle

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
NOON = lakeside.NOON
DAY = NOON.replace(hour=0) - timedelta(days=1)


@pytest.fixture(autouse=True)
def imported(settings, tmp_path: Path) -> Iterator[None]:
    """A day of hours brought in as `archive`, hours of Kraken, another instrument's, a lake."""
    settings.LAKE_URL = tmp_path.as_uri()
    redis_client().delete(SIMULATED)
    hours = [DAY + n * HOUR for n in range(24)]
    lakeside.store(
        *(candle(at, source="archive") for at in hours),
        *(candle(at, source="archive", symbol="ETH-USD") for at in hours),
        *(candle(at, source="kraken") for at in hours[:12]),
    )
    with clock.frozen(NOON):
        roll("archive", "BTC-USD", "1h")
        yield


def roll(source: str, symbol: str, base: str) -> None:
    pair = catalog.instrument(symbol)
    with connection.cursor() as cursor:
        rollup.roll(cursor, [pair.id], [source], start=DAY, end=DAY + 24 * HOUR, base=base)


def counts() -> dict[tuple[str, str, str], int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT symbol, source, interval, count(*) FROM market_candle"
            " JOIN market_instrument ON id = instrument_id GROUP BY 1, 2, 3"
        )
        return {row[:3]: row[3] for row in cursor.fetchall()}


OTHERS = {("ETH-USD", "archive", "1h"): 24, ("BTC-USD", "kraken", "1h"): 12}


def take_back(interval: str = "1h") -> import_removal.Taken:
    return import_removal.take_back("BTC-USD", interval, source="archive")


def test_the_candles_go_with_what_they_made_and_all_others_stay() -> None:
    taken = take_back()
    assert taken.counts == {"1h": 24, "4h": 6, "1d": 1}
    assert (taken.first, taken.last) == (DAY, DAY + 23 * HOUR)
    assert counts() == OTHERS


def test_longer_candles_are_made_anew_of_what_is_left() -> None:
    lakeside.store(
        *(candle(DAY + timedelta(minutes=n), source="archive", interval="1m") for n in range(240))
    )
    roll("archive", "BTC-USD", "1m")
    take_back()
    left = {key[2]: count for key, count in counts().items() if key not in OTHERS}
    assert left == {"1m": 240, "5m": 48, "15m": 16, "1h": 4, "4h": 1}


def test_the_lake_lets_go_of_them_too() -> None:
    place = lake.store()
    lake.write(place, since=lake.FROM_THE_BEGINNING)
    assert take_back().files == 3
    assert recovery.verify(place).findings == ()
    lakeside.empty()
    recovery.rebuild(place)
    assert counts() == OTHERS


def test_indicators_and_signals_of_them_go() -> None:
    pair = catalog.instrument("BTC-USD")
    for interval in ("1h", "4h"):
        upkeep.look("BTC-USD", interval, None)
    Signal.objects.all().delete()
    for hour in (3, 20):
        told(pair.id, DAY + hour * HOUR)
    take_back()
    assert shelf.state(pair.id, "1h") is None
    assert shelf.read(pair.id, "4h", ["close"], limit=50) == []
    assert [one.time for one in Signal.objects.all()] == [DAY + 3 * HOUR]
    upkeep.look("BTC-USD", "1h", None)
    assert len(shelf.read(pair.id, "1h", ["close"], limit=50)) == 12


def told(instrument_id: int, at: datetime) -> None:
    figures = {"strength": 1, "evidence": {}, "simulated": False, "direction": "up"}
    Signal.objects.create(
        public_id=uuid4(), instrument_id=instrument_id, interval="1h", time=at, **figures
    )


@pytest.mark.parametrize("source", ["kraken", "reference", "simulated", "ecb", "x/y"])
def test_it_refuses_to_remove_what_was_not_imported(source: str) -> None:
    before = counts()
    with pytest.raises(Refused, match="is not a name for an imported source"):
        import_removal.take_back("BTC-USD", "1h", source=source)
    assert counts() == before


def test_it_refuses_where_there_is_nothing() -> None:
    before = counts()
    with pytest.raises(Refused, match=r"No 5m candles of BTC-USD were imported as archive"):
        take_back("5m")
    assert counts() == before


def test_it_waits_for_nobody_who_writes_the_lake() -> None:
    before, other = counts(), connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [lake.LOCK])
            with pytest.raises(Retryable):
                take_back()
            cursor.execute("SELECT pg_advisory_unlock(%s)", [lake.LOCK])
    finally:
        other.close()
    assert counts() == before


def test_the_command_says_what_it_removed(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("import_candles", "--take-back=archive", "--instrument=BTC-USD", "--interval=1h")
    said = capsys.readouterr().out
    assert "Candles taken back: 24 of 1h, 6 of 4h, 1 of 1d" in said


@pytest.mark.parametrize("more", [["candles.csv"], ["--source=archive"]])
def test_the_command_does_one_thing_at_a_time(more: list[str]) -> None:
    before = counts()
    with pytest.raises(CommandError, match="Give a FILE and its --source, or --take-back"):
        call_command(
            "import_candles", *more, "--take-back=archive", "--instrument=BTC-USD", "--interval=1h"
        )
    assert counts() == before
