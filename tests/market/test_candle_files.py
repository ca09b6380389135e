"""Do files of candles come in whole or not at all, with every bad line named?"""

import gzip
from pathlib import Path

import pandas
import pyarrow.parquet
import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from core.errors import Code, Refused
from market import candle_files, candle_times, candles
from market.candle_files import Report
from tests import recorded

pytestmark = pytest.mark.django_db
HEAD = "timestamp,open,high,low,close,volume"
GOOD = "2022-01-01T00:00:00Z,2,3,1,2,5"
HOURS = range(1_600_000_000 // 3600 * 3600, 1_640_000_000, 3600)


def table(folder: Path, *lines: str, head: str = HEAD) -> Path:
    file = folder / "candles.csv"
    file.write_text("\n".join([head, *lines] if head else lines))
    return file


def bring(
    file: Path, *, symbol: str = "BTC-USD", interval: str = "1h", skip: bool = False
) -> Report:
    return candle_files.bring(file, symbol, interval, source="archive", skip_bad=skip)


def count() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM market_candle")
        return int(cursor.fetchone()[0])


@pytest.mark.parametrize(
    ("head", "line"),
    [
        (HEAD, GOOD),
        ("Date;Open;High;Low;Close;Volume BTC", "2022-01-01 00:00:00;2;3;1;2;5"),
        ("unix,symbol,open,high,low,close,volume", "1640995200,BTC/USD,2,3,1,2,5"),
        ("Open Time,o,h,l,c,v", "1640995200000,2,3,1,2,5"),
        ("", "1640995200,2,3,1,2,5"),
        ("", "1640995200000,2,3,1,2,5,1640998799999,11.5,7"),
        ("", GOOD),
        ("", "2022-01-01 00:00:00+00:00;2;3;1;2;5"),
        (f"{HEAD},,", f"{GOOD},,"),
        (HEAD, "2022-01-01 00:00:00 UTC,2,3,1,2,5"),
        (HEAD, "1.6409952E+09,2,3,1,2,5"),
        (
            "<DATE>\t<TIME>\t<OPEN>\t<HIGH>\t<LOW>\t<CLOSE>\t<VOL>",
            "2022.01.01\t0:00:00\t2\t3\t1\t2\t5",
        ),
        (
            "https://www.CryptoDataDownload.com\nDate,Symbol,Open,High,Low,Close,Volume BTC",
            "2022-01-01 12-AM,BTCUSD,2,3,1,2,5",
        ),
        (
            "time,bid_open,bid_high,bid_low,bid_close,ask_open,ask_high,ask_low,ask_close,volume",
            "2022-01-01,1,2,0.5,1,3,4,1.5,3,5",
        ),
    ],
)
def test_columns_are_found_by_many_names(tmp_path: Path, head: str, line: str) -> None:
    assert bring(table(tmp_path, line, head=head)).stored == 1
    (one,) = candles.series("BTC-USD", "1h").candles
    assert [one.open, one.high, one.low, one.close, one.volume] == [2, 3, 1, 2, 5]
    assert (f"{one.open_time:%F %H}", one.source) == ("2022-01-01 00", "archive")


@pytest.mark.parametrize(
    ("told", "hour"),
    [("12-AM", 0), ("01-AM", 1), ("12-PM", 12), ("11-PM", 23)],
)
def test_twelve_hours_are_told_apart(told: str, hour: int) -> None:
    assert candle_times.of({"date": f"2022-01-01 {told}"}) == f"2022-01-01 {hour:02}:00"


def test_what_pandas_writes_without_a_name_is_the_time(tmp_path: Path) -> None:
    times = pandas.to_datetime(["2022-01-01T00:00Z"])
    file = tmp_path / "candles.PARQUET"
    pandas.DataFrame({part: [2.0] for part in candle_files.PARTS}, index=times).to_parquet(file)
    assert bring(file).stored == 1


BAD = {
    "2022-01-01T01:00:00Z,2,3,1,NaN,5": "not a number (NaN)",
    "2022-01-01T02:00:00Z,2,1,3,2,5": "high or low contradicts the others",
    "2022-01-01T03:00:00Z,2,3,1": "a column is missing",
    "2022-01-01T04:30:00Z,2,3,1,2,5": "the time is not an opening time of this interval",
    "2022-01-01T00:00:00Z,2,3,1,2,6": "stands in an earlier line",
    "2099-01-01T00:00:00Z,2,3,1,2,5": "in the future",
    "yesterday,2,3,1,2,5": "not a number or not a time",
    "2022-01-01T06:00:00Z,2,3,1,2,-5": "negative",
    "2022-01-01T07:00:00Z,2,3,0,2,5": "a price of zero",
    "2022-01-01T08:00:00Z,2,3,1,2,5,6": "more fields than columns",
    "2022-01-01T09:00:00Z,2,3,1,2": "a column is missing",  # cut off: whose figure is the last?
    "0001-01-01T00:00:00Z,2,3,1,2,5": "out of range",
    "1900-01-01T00:00:00Z,2,3,1,2,5": "out of range",
}


def test_one_bad_line_refuses_the_whole_file_and_nothing_is_stored(tmp_path: Path) -> None:
    report = bring(table(tmp_path, GOOD, *BAD))
    assert (report.is_kept, report.stored, report.refused, count()) == (False, 0, len(BAD), 0)
    for line, (refusal, words) in enumerate(zip(report.refusals, BAD.values(), strict=True), 3):
        assert refusal.line == line
        assert words in refusal.reason


def test_bad_lines_are_left_out_when_asked_to(tmp_path: Path) -> None:
    report = bring(table(tmp_path, GOOD, *BAD), skip=True)
    assert (report.is_kept, report.stored, report.refused, count()) == (True, 1, len(BAD), 1)


def test_a_bad_row_behind_many_good_ones_leaves_nothing_for_the_next_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(candle_files, "CHUNK", 2)
    good = [f"2022-01-01T{hour:02}:00:00Z,2,3,1,2,5" for hour in range(5)]
    assert (bring(table(tmp_path, *good, *BAD)).stored, count()) == (0, 0)
    assert bring(table(tmp_path, *good[:3])).stored == 3
    assert len(candles.series("BTC-USD", "1h").candles) == 3


def test_a_file_brought_twice_is_there_once(tmp_path: Path) -> None:
    file = table(tmp_path, GOOD)
    bring(file)
    bring(file)
    assert count() == 1


def test_hours_of_a_file_become_days(tmp_path: Path) -> None:
    lines = [f"2022-01-01T{hour:02}:00:00Z,2,3,1,2,5" for hour in range(24)]
    bring(table(tmp_path, *lines))
    (day,) = candles.series("BTC-USD", "1d").candles
    assert day.minutes == 1440
    assert day.volume == 120


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"a,b\n1,2\n", b""])
def test_it_refuses_a_file_without_candles(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "x.csv"
    file.write_bytes(content)
    with pytest.raises(Refused) as refusal:
        bring(file)
    assert (refusal.value.code, count()) == (Code.MALFORMED, 0)


@pytest.mark.parametrize("again", ["close", "CLOSE", " Close "])
def test_it_refuses_a_heading_with_a_column_named_twice(tmp_path: Path, again: str) -> None:
    file = table(tmp_path, f"{GOOD},7", head=f"{HEAD},{again}")
    with pytest.raises(Refused, match="named twice in the file: close"):
        bring(file)
    assert count() == 0


def test_it_refuses_a_line_with_a_field_too_many_of_whatever_symbol(tmp_path: Path) -> None:
    report = bring(table(tmp_path, f"BTC,1,{GOOD}", head=f"symbol,{HEAD}"))
    assert (report.is_kept, report.elsewhere, report.refused, count()) == (False, 0, 1, 0)


@pytest.mark.parametrize("spoil", ["cut off", "overwritten"])
def test_a_spoiled_archive_is_refused_and_nothing_is_stored(tmp_path: Path, spoil: str) -> None:
    whole = gzip.compress("\n".join([HEAD, *(f"{at},2,3,1,2,5" for at in HOURS)]).encode())
    half = len(whole) // 2
    file = tmp_path / "candles.csv.gz"
    file.write_bytes(whole[:half] if spoil == "cut off" else whole[:half] + b"\xff" * half)
    with pytest.raises(Refused, match="cannot be read"):
        bring(file)
    assert count() == 0


def test_a_parquet_time_that_is_no_date_is_refused(tmp_path: Path) -> None:
    prices = {name: [1.0] for name in ("open", "high", "low", "close")}
    time = pyarrow.array([2**60], pyarrow.timestamp("ms", "UTC"))
    pyarrow.parquet.write_table(pyarrow.table({"time": time} | prices), tmp_path / "x.parquet")
    with pytest.raises(Refused, match="cannot be read"):
        bring(tmp_path / "x.parquet")
    assert count() == 0


@pytest.mark.parametrize("name", ["reference", "simulated", "ecb", "kraken", "Up", ""])
def test_it_refuses_a_name_that_is_not_the_files_to_take(tmp_path: Path, name: str) -> None:
    with pytest.raises(Refused, match="not a name"):
        candle_files.bring(table(tmp_path, GOOD), "BTC-USD", "1h", source=name)
    assert count() == 0


class TestRecorded:
    def test_crossed_quotes_of_the_recorded_yen_are_refused(self, tmp_path: Path) -> None:
        whole = pandas.read_parquet(recorded.path("forex/fxcm_USD-JPY_1m_bidask_2013-02.parquet"))
        crossed = whole[whole.ask_close < whole.bid_close]
        part = pandas.concat([crossed, whole[~whole.index.isin(crossed.index)][:300]])
        file = tmp_path / "yen.parquet"
        part.to_parquet(file)
        assert len(crossed) == 683
        report = bring(file, symbol="USD-JPY", interval="1m", skip=True)
        assert report.refused >= 683
        assert {one.reason for one in report.refusals} == {"the bid is above the ask"}
        assert {one.line for one in report.refusals} >= set(range(1, 684))
        assert report.stored == len(part) - report.refused == count_minutes()

    def test_of_a_file_of_many_symbols_only_its_own_come(self) -> None:
        file = recorded.path("crypto/bitstamp_BTC-ETH-LTC-USD_1d_2014-2020.parquet")
        report = bring(file, symbol="ETH-USD", interval="1d")
        assert report.stored + report.elsewhere == 3578
        assert len(candles.series("ETH-USD", "1d", limit=5000).candles) == report.stored > 700


def count_minutes() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM market_candle WHERE interval = '1m'")
        return int(cursor.fetchone()[0])


class TestCommand:
    def test_it_names_every_bad_line(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        wish = [str(table(tmp_path, GOOD, *BAD)), "--instrument=BTC-USD", "--interval=1h"]
        with pytest.raises(CommandError, match=f"Nothing was imported: {len(BAD)} rows refused"):
            call_command("import_candles", *wish, "--source=archive")
        assert "line 3: not a number (NaN)" in capsys.readouterr().err
        call_command("import_candles", *wish, "--source=archive", "--skip-bad")
        assert f"1 candles imported; {len(BAD)} rows refused." in capsys.readouterr().out

    @pytest.mark.parametrize("lines", [[], [f"ETH-USD,{GOOD}"]])
    def test_it_fails_where_there_is_nothing_to_import(
        self, tmp_path: Path, lines: list[str]
    ) -> None:
        wish = [str(table(tmp_path, *lines, head=f"symbol,{HEAD}")), "--instrument=BTC-USD"]
        with pytest.raises(CommandError, match="Nothing was imported: no candle of it is good"):
            call_command("import_candles", *wish, "--interval=1h", "--source=archive")

    def test_what_the_database_does_not_take_is_one_line_and_leaves_nothing(
        self, tmp_path: Path
    ) -> None:
        wish = [str(table(tmp_path, GOOD)), "--instrument=BTC-USD", "--interval=1h"]
        other = connection.copy()
        try:
            other.set_autocommit(False)
            with other.cursor() as elsewhere, connection.cursor() as cursor:
                elsewhere.execute("LOCK TABLE market_candle IN EXCLUSIVE MODE")
                cursor.execute("SET LOCAL lock_timeout = 50")
                with pytest.raises(CommandError, match=r"^Nothing was imported: .*lock timeout"):
                    call_command("import_candles", *wish, "--source=archive")
        finally:
            other.close()
        assert count() == 0
