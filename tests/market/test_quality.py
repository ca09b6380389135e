"""Is everything unfit refused, each with its own reason, and nothing else?"""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import chain
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.clock import iso
from market.fixings import Fixing
from market.inbox import Batch, RawTick
from market.numbers import Reason
from market.quality import SAMPLE_MAX, UNREAD, UNSAID
from tests.market.said import NOON, after, batch, judge, memory, tick

GOOD = {"symbol": "EUR-USD", "bid": "1.0999", "ask": "1.1001", "last": "1.1", "volume": "5"}


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"bid": "NaN"}, Reason.NAN),
        ({"ask": float("nan")}, Reason.NAN),
        ({"bid": "Infinity"}, Reason.INFINITE),
        ({"ask": float("inf")}, Reason.INFINITE),
        ({"bid": None, "ask": None, "last": None}, Reason.NULL),
        ({"bid": "about 1.1"}, Reason.TEXT),
        ({"bid": ["1.1"]}, Reason.TEXT),
        ({"bid": True}, Reason.TEXT),
        ({"bid": "1_0"}, Reason.TEXT),
        ({"bid": "١.١"}, Reason.TEXT),
        ({"bid": "0"}, Reason.ZERO),
        ({"last": 0}, Reason.ZERO),
        ({"bid": "-1.1"}, Reason.NEGATIVE),
        ({"volume": "-5"}, Reason.NEGATIVE),
        ({"volume": "NaN"}, Reason.NAN),
        ({"ask": "1e30"}, Reason.OUT_OF_RANGE),
        ({"bid": "1e-30"}, Reason.OUT_OF_RANGE),
        ({"volume": "1e30"}, Reason.OUT_OF_RANGE),
        ({"volume": "1E-5000"}, Reason.TEXT),
        ({"bid": "1." + "0" * 41}, Reason.TEXT),
        ({"bid": "1.2"}, Reason.BID_ABOVE_ASK),
        ({"as_of": iso(NOON + timedelta(seconds=3))}, Reason.FUTURE),
        ({"as_of": "yesterday"}, Reason.TEXT),
        ({"as_of": -5}, Reason.OUT_OF_RANGE),
        ({"ask": None}, Reason.MISSING),
        ({"bid": ""}, Reason.MISSING),
        ({"symbol": ""}, Reason.MISSING),
        ({"symbol": "EUR-XXX"}, Reason.UNKNOWN),
        ({"symbol": ["EUR"]}, Reason.MISSING),
    ],
)
def test_it_refuses_each_unfit_tick_with_its_reason(fields: dict[str, Any], reason: str) -> None:
    court = judge()
    verdict = court.judge(batch(RawTick(**(GOOD | fields))))
    assert [one.reason for one in verdict.refused] == [reason]
    assert verdict.good == ()
    assert all(track.good is None for known in court.tracks.values() for track in known.values())


@pytest.mark.parametrize("problem", ["html_body", "truncated_json", "malformed", "rate_limited"])
def test_it_counts_an_unusable_answer_as_one_refusal(problem: Any) -> None:
    known = memory()
    known.take(Batch("kraken", "rest", NOON, problem=problem, detail="<html>busy</html>"))
    ((source, symbol, reason, _), tally), *others = known.pending.tallies.counts.items()
    assert (source, symbol, reason, tally.count, others) == ("kraken", "", problem, 1, [])
    assert "<html>" in tally.sample
    assert known.sources["kraken"].state(NOON) == "troubled"


@pytest.mark.parametrize("value", [1.1, "1.1", Decimal("1.1"), "11e-1", " 1.1 "])
def test_it_reads_a_number_however_the_source_writes_it(value: object) -> None:
    verdict = judge().judge(batch(RawTick("EUR-USD", last=value)))
    assert verdict.good[0].mid == Decimal("1.1")
    assert verdict.good[0].bid is None


def test_a_mid_is_halfway_between_bid_and_ask() -> None:
    verdict = judge().judge(batch(RawTick("EUR-USD", bid="1.1000", ask="1.1003")))
    assert verdict.good[0].mid == Decimal("1.10015")


@pytest.mark.parametrize("said", ["2026-11-18T11:59:59Z", 1795003199000, "1795003199000"])
def test_it_reads_the_time_of_a_source(said: object) -> None:
    verdict = judge().judge(batch(tick(as_of=said)))
    assert verdict.good[0].as_of == after(-1)


def test_it_allows_a_clock_that_is_two_seconds_ahead() -> None:
    assert judge().judge(batch(tick(as_of=iso(after(2))))).good


def test_it_refuses_a_tick_older_than_the_last() -> None:
    court = judge()
    court.judge(batch(tick(as_of=iso(after(-1)))))
    verdict = court.judge(batch(tick(mid="1.1001", as_of=iso(after(-2))), at=1))
    assert [one.reason for one in verdict.refused] == [Reason.OLDER]
    assert court.track("EUR-USD", "kraken").good.mid == Decimal("1.1")  # type: ignore[union-attr]
    assert court.track("EUR-USD", "kraken").answered_at == NOON


def test_it_refuses_the_same_message_twice() -> None:
    court = judge()
    message = tick(as_of=iso(NOON))
    assert court.judge(batch(message, transport="socket")).good
    verdict = court.judge(batch(message, transport="socket", at=1))
    assert [one.reason for one in verdict.refused] == [Reason.DUPLICATE]


def test_a_poll_that_finds_nothing_new_proves_life() -> None:
    court = judge()
    court.judge(batch(tick()))
    verdict = court.judge(batch(tick(), at=5))
    assert (len(verdict.good), verdict.refused) == (1, ())
    track = court.track("EUR-USD", "kraken")
    assert (track.answered_at, track.changed_at) == (after(5), NOON)


def test_it_refuses_a_live_fiat_price_far_from_its_fixing() -> None:
    known = memory(fixings=True)
    known.take(batch(tick(mid="1.35"), tick("BTC-USD", "70000")))
    reasons = [reason for _, _, reason, _ in known.pending.tallies.counts]
    assert reasons == [Reason.FAR_FROM_FIXING]
    assert known.judge.track("EUR-USD", "kraken").good is None


def test_an_unchanged_price_is_held_against_a_new_fixing() -> None:
    known = memory(fixings=True)
    known.take(batch(tick()))
    known.book.add(Fixing(NOON.date() + timedelta(days=1), {"USD": Decimal("1.5")}))
    known.take(batch(tick(), at=5))
    reasons = [reason for _, _, reason, _ in known.pending.tallies.counts]
    assert reasons == [Reason.FAR_FROM_FIXING]


def test_a_sample_is_printable_and_bounded() -> None:
    verdict = judge().judge(batch(RawTick("E\0R" * 100, bid="\ud800" * 500)))
    assert len(verdict.refused[0].sample) == SAMPLE_MAX
    assert verdict.refused[0].symbol.isprintable()
    assert len(verdict.refused[0].symbol) == 25
    verdict.refused[0].sample.encode()


class TestSocketAndPoll:
    def test_a_poll_does_not_replace_the_price_of_a_speaking_socket(self) -> None:
        court = judge()
        court.judge(batch(tick(mid="1.1"), transport="socket"))
        verdict = court.judge(batch(tick(mid="1.1002"), at=5))
        assert (verdict.good, verdict.refused) == ((), ())
        track = court.track("EUR-USD", "kraken")
        assert track.good is not None
        assert (track.good.mid, track.answered_at) == (Decimal("1.1"), after(5))

    def test_a_poll_takes_over_from_a_silent_socket(self) -> None:
        court = judge()
        court.judge(batch(tick(mid="1.1"), transport="socket"))
        assert court.judge(batch(tick(mid="1.1002"), at=5.1)).good

    def test_a_poll_never_replaces_a_younger_socket_price(self) -> None:
        court = judge()
        court.judge(batch(tick(as_of=iso(NOON)), transport="socket"))
        verdict = court.judge(batch(tick(mid="1.1002", as_of=iso(after(-1))), at=6))
        assert verdict.good == ()

    def test_a_socket_takes_back_from_a_poll_at_once(self) -> None:
        court = judge()
        court.judge(batch(tick()))
        assert court.judge(batch(tick(mid="1.1001"), transport="socket", at=1)).good


FIGURE = st.sampled_from(
    ["1.1", "1.10", "1.2", "0", "-1", "1e0", "1", "nan", " 1.1", "", True, None]
)
SAID = st.builds(RawTick, st.sampled_from(["EUR-USD", "BTC-USD"]), FIGURE, FIGURE, FIGURE, FIGURE)


@settings(deadline=None)
@given(st.lists(SAID, max_size=20))
def test_no_verdict_depends_on_what_was_said_before_in_the_same_words(said: list[RawTick]) -> None:
    court, forgetful = judge(), judge()
    for at, raw in enumerate(said):
        for track in chain(*(known.values() for known in forgetful.tracks.values())):
            track.said, track.read = UNSAID, UNREAD
        heard = batch(raw, at=at, transport="socket")
        assert court.judge(heard) == forgetful.judge(heard)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.dictionaries(
        st.sampled_from(["symbol", "bid", "ask", "last", "volume", "as_of"]),
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats()
        | st.text(max_size=40)
        | st.lists(st.integers(), max_size=2),
    )
)
def test_it_never_fails_whatever_a_source_says(fields: dict[str, Any]) -> None:
    raw = replace(tick(), **fields)
    verdict = judge().judge(batch(raw))
    assert len(verdict.good) + len(verdict.refused) == 1
    assert all(0 < one.mid < Decimal("1e15") for one in verdict.good)
