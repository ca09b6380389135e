"""What does a program see of candles?"""

import io
import json
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pyarrow.parquet
import pytest
from django.core.cache import cache
from django.test import Client

from core import clock
from core.push import redis_client
from market import candle_files, quant
from market.charts import told
from tests.market.said import NOON
from tests.market.test_candles import HOUR, store

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    with clock.frozen(NOON):
        yield


def ask(client: Client, **query: str) -> Any:
    return client.get("/api/v1/candles/", {"instrument": "BTC-USD", "interval": "1h"} | query)


def test_candles_come_newest_last_as_text(client: Client) -> None:
    store("68900.1", "coinbase", volume="12.5")
    store("68000", "coinbase", at=NOON - 2 * HOUR)
    answer = ask(client).json()
    assert (answer["instrument"], answer["interval"], answer["simulated"]) == (
        *("BTC/USD", "1h", False),
    )
    assert [one["close"] for one in answer["candles"]] == ["68000", "68900.1"]
    assert answer["candles"][1] == {
        "time": "2026-11-18T11:00:00.000Z",
        **dict.fromkeys(("open", "high", "low", "close"), "68900.1"),
        "volume": "12.5",
        "source": "coinbase",
    }


def test_pages_go_into_the_past_until_there_is_no_more(client: Client) -> None:
    for ago in range(1, 6):
        store(str(ago), at=NOON - ago * HOUR)
    seen, following = [], "/api/v1/candles/?instrument=BTC-USD&interval=1h&limit=2"
    while following:
        answer = client.get(following).json()
        seen += [one["close"] for one in reversed(answer["candles"])]
        following = answer["next"]
    assert seen == ["1", "2", "3", "4", "5"]


def test_gaps_are_said(client: Client) -> None:
    store("1", at=NOON - 3 * HOUR)
    (gap,) = ask(client).json()["gaps"]
    assert (gap["start"], gap["end"]) == ("2026-11-18T10:00:00.000Z", "2026-11-18T12:00:00.000Z")


def test_a_candle_of_too_few_minutes_is_marked_as_a_gap(client: Client) -> None:
    store("1", minutes=1)
    answer = ask(client).json()
    assert [one["time"] for one in answer["candles"]] == ["2026-11-18T11:00:00.000Z"]
    assert answer["gaps"] == [
        {
            "start": "2026-11-18T11:00:00.000Z",
            "end": "2026-11-18T12:00:00.000Z",
            "reason": "only 1 of 60 minutes",
        }
    ]


def test_a_table_has_one_line_a_candle(client: Client) -> None:
    store("1.5")
    answer = ask(client, format="csv")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert "BTC-USD-1h-2026-11-18.csv" in answer["Content-Disposition"]
    assert answer.content.decode().splitlines() == [
        "time,open,high,low,close,volume,source",
        "2026-11-18T11:00:00.000Z,1.5,1.5,1.5,1.5,,reference",
    ]


def test_closed_history_may_be_kept_and_is_not_sent_twice(client: Client) -> None:
    store("1", at=NOON - 2 * HOUR)
    first = ask(client, end="2026-11-18T11:00:00Z")
    assert first["Cache-Control"] == "public, max-age=300"
    again = client.get(first.wsgi_request.get_full_path(), headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    "query",
    [
        {"interval": "2h"},
        {"limit": "0"},
        {"limit": ""},
        {"limit": "5001"},
        {"limit": "²"},
        {"end": "yesterday"},
        {"end": "2026-11-18T12:00:00"},
        {"format": "xml"},
        {"source": "nonsense"},
        {"source": "nonsense", "format": "parquet"},
        {"source": "\0"},
        {"format": "parquet", "limit": "5001"},
    ],
)
def test_it_refuses_what_it_cannot_read(client: Client, query: dict[str, str]) -> None:
    answer = ask(client, **query)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "malformed")


def test_it_names_the_sources_there_are(client: Client) -> None:
    store("1.5", source="archive")
    message = ask(client, source="nonsense").json()["error"]["message"]
    assert message.startswith("`source` is one of archive, ")
    assert "kraken" in message
    assert ask(client, source="archive").json()["candles"][0]["source"] == "archive"
    assert ask(client, source="kraken").json()["candles"] == []


def test_what_may_still_change_is_kept_for_a_second_only(client: Client) -> None:
    assert ask(client)["Cache-Control"] == "public, max-age=1"
    assert ask(client, end="2026-11-18T13:00:00Z")["Cache-Control"] == "public, max-age=1"


def test_an_end_within_the_candle_that_forms_is_no_closed_history(client: Client) -> None:
    with clock.frozen(NOON + timedelta(minutes=30)):
        assert ask(client, end=clock.iso(NOON + timedelta(minutes=1)))["Cache-Control"] == (
            "public, max-age=1"
        )
        assert ask(client, end=clock.iso(NOON))["Cache-Control"] == "public, max-age=300"


@pytest.mark.parametrize("end", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"])
@pytest.mark.parametrize("form", ["json", "csv", "parquet"])
def test_it_answers_at_the_ends_of_time(client: Client, end: str, form: str) -> None:
    store("1")
    assert ask(client, end=end, format=form).status_code in {200, 202}


def test_an_unknown_instrument_is_not_found(client: Client) -> None:
    assert ask(client, instrument="XXX-USD").status_code == 404


def test_the_forming_candle_is_the_one_that_was_told_last(client: Client) -> None:
    store("1", interval="1m", at=NOON, closed=False)
    frame = ask(client).json()["forming"] | {"close": "0.5", "low": "0.5", "closed": False}
    redis_client().set(told.key("BTC-USD", "1h"), json.dumps(frame), ex=5)
    forming = ask(client).json()["forming"]
    assert (forming["open"], forming["low"], forming["close"]) == ("1", "0.5", "0.5")
    redis_client().delete(told.key("BTC-USD", "1h"))


def test_the_past_has_no_forming_candle(client: Client) -> None:
    store("1", interval="1m", at=NOON, closed=False)
    assert ask(client).json()["forming"]["close"] == "1"
    assert ask(client, end=clock.iso(NOON - timedelta(hours=1))).json()["forming"] is None


def test_a_parquet_file_is_made_in_the_background_then_handed_out(client: Client) -> None:
    store("1.5", volume="3")
    waiting = ask(client, format="parquet")
    assert (waiting.status_code, waiting["Retry-After"]) == (202, "1")
    assert waiting.json() == {"state": "computing"}
    candle_files.hand_over("BTC-USD", "1h", 500, "", "")
    file = ask(client, format="parquet")
    assert (file.status_code, file["Content-Type"]) == (200, "application/vnd.apache.parquet")
    (row,) = pyarrow.parquet.read_table(io.BytesIO(file.content)).to_pylist()
    assert (row["time"], row["close"], row["source"]) == (
        *(NOON - HOUR, Decimal("1.5"), "reference"),
    )


def test_a_file_of_an_unknown_instrument_is_not_made(client: Client) -> None:
    assert ask(client, instrument="XXX-USD", format="parquet").status_code == 404


def test_no_stranger_fills_the_queue_of_heavy_work(client: Client) -> None:
    store("1.5", volume="3")
    redis_client().delete("quant")
    cache.clear()
    for count in range(1, quant.ADDRESS_MAX + 20):
        assert ask(client, format="parquet", limit=str(count)).status_code == 202
    assert redis_client().llen("quant") == quant.ADDRESS_MAX
    redis_client().delete("quant")
