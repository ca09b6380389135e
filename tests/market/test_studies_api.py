"""Indicators for programs: stored ones at once, others once they are computed."""

import json
from base64 import b64decode
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from core import clock
from core.push import redis_client
from market import candles, indicators, simulation, technical
from market.indicators import requested, upkeep
from market.studies import STUDIES, answers, shelf
from tests.market.hours import HOUR, SYMBOL, stored
from tests.market.said import NOON

pytestmark = pytest.mark.django_db
Sent = Callable[[], list[list[Any]]]
QUEUE = "quant"


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    redis_client().delete(simulation.SIMULATED)
    with clock.frozen(NOON + timedelta(minutes=1)):
        yield


@pytest.fixture
def sent() -> Iterator[Sent]:
    """Asks for the arguments of tasks that wait for the quant process."""
    redis_client().delete(QUEUE)

    def waiting() -> list[list[Any]]:
        messages = redis_client().lrange(QUEUE, 0, -1)
        bodies = [json.loads(b64decode(json.loads(one)["body"])) for one in reversed(messages)]
        return [body[0] for body in bodies]

    yield waiting
    redis_client().delete(QUEUE)


def ask(client: Client, names: str, **query: str | int) -> Any:
    response = client.get(
        "/api/v1/indicators/",
        {"instrument": SYMBOL, "interval": "1h", "names": names, **query},
    )
    assert response.status_code == 200, response.content
    return response.json()


def test_stored_values_are_answered_at_once(client: Client) -> None:
    bars = stored()
    upkeep.look(SYMBOL, "1h", None)
    answer = ask(client, "rsi,macd", limit=2)
    strength, crossing = answer["indicators"]
    assert (answer["instrument"], answer["interval"]) == ("BTC/USD", "1h")
    assert (strength["state"], strength["parameters"]) == ("ready", {"length": 14})
    expected = indicators.compute(STUDIES["rsi"], bars, {"length": 14})["rsi"][-1]
    assert strength["values"][-1] == {
        "time": "2026-11-18T11:00:00.000Z",
        "rsi": shelf.text(float(expected)),
    }
    assert crossing["outputs"] == ["macd", "signal", "histogram"]
    assert len(crossing["values"]) == 2


@pytest.mark.parametrize(
    "address", ["indicators/?instrument=BTC-USD&names=rsi", "signals/", "news/"]
)
def test_whoever_has_the_answer_already_gets_304(client: Client, address: str) -> None:
    first = client.get(f"/api/v1/{address}")
    again = client.get(f"/api/v1/{address}", headers={"If-None-Match": first["ETag"]})
    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")


def test_values_of_the_simulated_market_are_none_of_the_real_one(
    client: Client, sent: Sent
) -> None:
    redis_client().set(simulation.SIMULATED, f'["{SYMBOL}"]')
    stored(source=candles.SIMULATED)
    upkeep.look(SYMBOL, "1h", None)
    requested.answer(SYMBOL, "1h", "rsi:21", 500, "")
    states = [one["state"] for one in ask(client, "rsi,rsi:21")["indicators"]]
    redis_client().delete(simulation.SIMULATED)
    now_real = ask(client, "rsi,rsi:21")["indicators"]
    assert states == ["ready", "ready"]
    assert [(one["state"], one["values"]) for one in now_real] == [("computing", [])] * 2
    assert technical.summary(SYMBOL, "1h").as_of is None


def test_values_of_the_warm_up_are_null(client: Client) -> None:
    stored(30)
    upkeep.look(SYMBOL, "1h", None)
    values = ask(client, "rsi")["indicators"][0]["values"]
    assert [value["rsi"] is None for value in values] == [True] * 14 + [False] * 16


def test_other_parameters_are_computing_until_they_are_there(client: Client, sent: Sent) -> None:
    bars = stored()
    first = ask(client, "rsi", rsi="21")["indicators"][0]
    assert (first["state"], first["values"]) == ("computing", [])
    requested.answer(*sent()[0])
    second = ask(client, "rsi:21")["indicators"][0]
    assert (second["state"], second["parameters"]) == ("ready", {"length": 21})
    expected = indicators.compute(STUDIES["rsi"], bars, {"length": 21})["rsi"][-1]
    assert second["values"][-1]["rsi"] == shelf.text(float(expected))
    assert len(sent()) == 1


def test_one_wish_is_sent_once_however_many_ask(client: Client, sent: Sent) -> None:
    stored()
    for _ in range(3):
        ask(client, "sma:33")
    assert len(sent()) == 1


def test_after_the_next_candle_old_values_are_shown_while_newer_are_computed(
    client: Client, sent: Sent
) -> None:
    stored()
    ask(client, "sma:33")
    requested.answer(*sent()[0])
    with clock.frozen(NOON + HOUR + timedelta(minutes=1)):
        again = ask(client, "sma:33")["indicators"][0]
    assert again["state"] == "computing"
    assert len(again["values"]) == 300


def test_what_is_older_than_the_stored_values_is_computed(client: Client, sent: Sent) -> None:
    stored(100)
    upkeep.look(SYMBOL, "1h", None)
    stored(400)
    assert ask(client, "rsi")["indicators"][0]["state"] == "computing"
    assert sent() == [[SYMBOL, "1h", "rsi", 500, ""]]


def test_values_before_a_moment_are_answered_from_the_shelf(client: Client) -> None:
    stored()
    upkeep.look(SYMBOL, "1h", None)
    values = ask(client, "rsi", end="2026-11-18T06:00:00Z", limit=3)["indicators"][0]["values"]
    assert [value["time"][11:13] for value in values] == ["03", "04", "05"]


@pytest.mark.parametrize(
    "query",
    [
        {"names": ""},
        {"names": "rsi", "rsi": "0"},
        {"names": "rsi", "interval": "2h"},
        {"names": "rsi", "limit": "0"},
        {"names": "rsi", "limit": "5001"},
        {"names": "rsi,macd,sma,adx,cci,mfi", "limit": "5000"},
        {"names": "rsi", "end": "yesterday"},
    ],
)
def test_it_refuses_what_makes_no_sense(client: Client, query: dict[str, str], sent: Sent) -> None:
    answer = client.get("/api/v1/indicators/", {"instrument": SYMBOL, **query})
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "malformed"
    assert sent() == []


@pytest.mark.parametrize("query", [{"names": "magic"}, {"names": "rsi", "instrument": "EUR-XXX"}])
def test_what_we_do_not_know_is_not_found(client: Client, query: dict[str, str]) -> None:
    answer = client.get("/api/v1/indicators/", {"instrument": SYMBOL, **query})
    assert answer.status_code == 404


def lengths(first: int) -> str:
    return ",".join(f"sma:{length}" for length in range(first, first + 20))


def test_computations_on_request_have_a_limit_a_minute(client: Client, sent: Sent) -> None:
    stored()
    for turn in range(4):
        client.defaults["REMOTE_ADDR"] = f"192.0.2.{turn}"
        ask(client, lengths(100 + 20 * turn))
    assert len(sent()) == 60


def test_one_address_cannot_use_up_the_computations_of_all(client: Client, sent: Sent) -> None:
    stored()
    ask(client, lengths(100))
    ask(client, lengths(120))
    assert len(sent()) == 20
    client.defaults["REMOTE_ADDR"] = "192.0.2.9"
    ask(client, lengths(120))
    assert len(sent()) == 40


def test_every_end_within_a_candle_is_one_answer_kept_for_minutes(
    client: Client, sent: Sent
) -> None:
    stored()
    for end in ("2026-11-18T06:00:01Z", "2026-11-18T07:45:00+01:00", "2026-11-18T07:00:00Z"):
        ask(client, "sma:33", end=end)
    assert sent() == [[SYMBOL, "1h", "sma:33", 500, "2026-11-18T07:00:00+00:00"]]
    requested.answer(*sent()[0])
    values = ask(client, "sma:33", end="2026-11-18T06:30:00Z")["indicators"][0]["values"]
    assert values[-1]["time"][11:16] == "06:00"
    lasting = [redis_client().ttl(key) for key in redis_client().scan_iter("*study:*T07:00*")]
    assert 0 < max(lasting) <= answers.PAST_KEPT_S


@pytest.mark.parametrize(
    "end", ["2026-11-18T11:59:00Z", "2026-11-18T12:00:30Z", "9999-12-31T23:59:59Z"]
)
def test_an_end_in_a_candle_that_forms_or_later_is_none(
    client: Client, sent: Sent, end: str
) -> None:
    stored()
    ask(client, "sma:33", end=end)
    expected = "2026-11-18T12:00:00+00:00" if end < "2026-11-18T12" else ""
    assert sent() == [[SYMBOL, "1h", "sma:33", 500, expected]]


def test_what_is_whole_may_be_kept_and_what_is_computing_not(client: Client, sent: Sent) -> None:
    stored()
    upkeep.look(SYMBOL, "1h", None)
    query = {"instrument": SYMBOL, "interval": "1h"}
    policies = [
        client.get("/api/v1/indicators/", {**query, **more})["Cache-Control"]
        for more in (
            {"names": "rsi"},
            {"names": "rsi", "end": "2026-11-18T06:00:00Z"},
            {"names": "rsi,sma:33"},
        )
    ]
    assert policies == ["public, max-age=1", "public, max-age=300", "no-cache"]
