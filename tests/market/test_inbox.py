"""Does everything a source said arrive as it was said?"""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from core.push import redis_client
from market import inbox
from market.inbox import Batch, RawCandle, RawFixing, RawTick
from tests.market.said import NOON, batch, tick


@pytest.fixture(autouse=True)
def empty() -> Iterator[None]:
    redis_client().delete(inbox.STREAM)
    yield
    redis_client().delete(inbox.STREAM)


def test_a_batch_arrives_whole() -> None:
    said = Batch(
        *("kraken", "rest", NOON),
        ticks=(RawTick("EUR-USD", "1.1", None, "5", True, "2026-11-18T12:00:00Z"),),
        fixings=(RawFixing("2026-11-17", {"USD": "1.1"}),),
        candles=(RawCandle("EUR-USD", "1795003200000", "1", "2", "1", "2"),),
        detail="\ud800 <html>",
    )
    inbox.append(said)
    ((_, arrived),) = inbox.read("0-0")
    assert arrived == said


def test_a_number_arrives_as_its_text() -> None:
    inbox.append(batch(RawTick("EUR-USD", 1.0999, 11e-1, volume=5, as_of=1795003200000)))
    ((_, arrived),) = inbox.read("0-0")
    assert arrived.ticks == (RawTick("EUR-USD", "1.0999", "1.1", None, "5", "1795003200000"),)


def test_not_a_number_arrives_to_be_refused() -> None:
    inbox.append(batch(tick(bid=float("nan"))))
    ((_, arrived),) = inbox.read("0-0")
    assert str(arrived.ticks[0].bid) == "nan"


def test_reading_goes_on_after_the_last_entry() -> None:
    for source in ("kraken", "coinbase", "binance"):
        inbox.append(batch(source=source))
    entries = inbox.read("0-0", count=2)
    assert [one.source for _, one in entries] == ["kraken", "coinbase"]
    assert [one.source for _, one in inbox.read(entries[-1][0])] == ["binance"]
    assert inbox.read(inbox.read("0-0")[-1][0]) == []


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"source": "x"}', "null"])
def test_an_entry_nobody_understands_is_a_malformed_answer(text: str) -> None:
    redis_client().xadd(inbox.STREAM, {inbox.FIELD: text})
    ((_, arrived),) = inbox.read("0-0")
    assert (arrived.source, arrived.problem) == ("inbox", "malformed")


def test_a_long_detail_is_cut() -> None:
    inbox.append(replace(batch(), detail="x" * 10_000))
    ((_, arrived),) = inbox.read("0-0")
    assert len(arrived.detail) == inbox.DETAIL_MAX
