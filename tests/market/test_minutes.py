"""Is a minute closed only when we heard all of it, whatever order and how often it was said?"""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction

from core import clock
from market import candle_store, candles, catalog, rollup
from market.candles import Candle
from market.inbox import Batch, RawTick
from market.minutes import Minutes
from market.numbers import Reason
from market.pricing import Memory
from market.simulation import SOURCE
from tests.market.said import MIDNIGHT, NOON, after, batch, memory, tick

D = Decimal


def run(minutes: Minutes, *moments: float, price: str = "1") -> None:
    for at in moments:
        minutes.note(1, "reference", D(price), at=after(at))


def closed(minutes: Minutes, at: float) -> dict[datetime, bool]:
    return {one.open_time: one.closed for one in minutes.due(after(at))}


def every_5_s(start: int, end: int) -> range:
    return range(start, end, 5)


class TestWhole:
    def test_a_minute_heard_to_its_end_is_closed(self) -> None:
        minutes = Minutes()
        minutes.due(after(-10))
        run(minutes, *every_5_s(0, 60))
        assert closed(minutes, 60) == {NOON: True}

    def test_one_that_was_written_after_its_last_price_is_closed_all_the_same(self) -> None:
        minutes = Minutes()
        minutes.due(after(-3))  # so that it is written at 7, 17, … 57
        for at in every_5_s(0, 60):
            run(minutes, at)
            assert not any(closed(minutes, at + 2).values())
        assert closed(minutes, 60) == {NOON: True}
        assert closed(minutes, 61) == {}

    def test_the_minute_we_began_in_is_not(self) -> None:
        minutes = Minutes()
        run(minutes, *every_5_s(10, 65))
        assert closed(minutes, 60)[NOON] is False

    @pytest.mark.parametrize("silence", [(5, 25), (0, 20), (40, 60)])
    def test_one_with_a_silence_in_it_is_not(self, silence: tuple[int, int]) -> None:
        minutes = Minutes()
        minutes.due(after(-10))
        start, end = silence
        run(minutes, *(at for at in every_5_s(0, 60) if not start <= at < end))
        assert closed(minutes, 60) == {NOON: False}

    def test_what_comes_late_counts_in_the_minute_that_forms(self) -> None:
        minutes = Minutes()
        minutes.due(after(-10))
        run(minutes, *every_5_s(0, 61))
        run(minutes, 59, price="9")
        run(minutes, *every_5_s(65, 120))
        first, second = minutes.due(after(120))
        assert (first.high, first.closed) == (D(1), True)
        assert (second.high, second.close, second.closed) == (D(9), D(1), True)


class TestSources:
    def test_a_source_has_minutes_of_its_own_beside_our_price(self) -> None:
        known = memory()
        known.take(batch(tick("EUR-USD", "1.10")))
        known.take(batch(tick("EUR-USD", "1.1004"), source="coinbase"))
        known.settle(NOON)
        stored = {one.source: one.close for one in known.pending.candles if one.instrument_id == 1}
        assert stored == {"kraken": D("1.10"), "coinbase": D("1.1004"), "reference": D("1.1002")}

    def test_what_was_refused_is_in_no_minute(self) -> None:
        known = memory()
        known.take(batch(tick("EUR-USD", "1.10"), at=0))
        for bad in ("1.9", "0", "NaN"):
            known.take(batch(RawTick("EUR-USD", bad, bad, bad), at=1))
        known.take(batch(RawTick("EUR-USD", "1.12", "1.11", "1.1"), at=2))
        known.settle(after(2))
        (one,) = (one for one in known.pending.candles if one.source == "kraken")
        assert (one.high, one.low) == (D("1.10"), D("1.10"))
        assert {Reason.JUMP, Reason.BID_ABOVE_ASK, Reason.ZERO, Reason.NAN} <= {*_tallies(known)}

    def test_disorder_and_duplicates_change_no_candle(self) -> None:
        known = memory()
        said = [tick("EUR-USD", f"1.10{at:02}", as_of=after(at).isoformat()) for at in range(4)]
        for raw in (said[0], said[2], said[1], said[2], said[3], said[3]):
            known.take(batch(raw, transport="socket", at=4))
        known.settle(after(4))
        (one,) = (one for one in known.pending.candles if one.source == "kraken")
        assert [one.open, one.high, one.low, one.close] == [
            *map(D, ("1.1000", "1.1003", "1.1000", "1.1003")),
        ]
        assert _tallies(known) == {Reason.OLDER: 1, Reason.DUPLICATE: 2}

    def test_a_leap_second_is_refused_and_the_next_tick_is_not(self) -> None:
        known = memory()
        leap = MIDNIGHT.replace(hour=23, minute=59, second=59)
        for at, text in ((0.5, "2026-11-18T23:59:60Z"), (1.5, "2026-11-19T00:00:00Z")):
            raw = tick("EUR-USD", "1.1", as_of=text)
            known.take(Batch("kraken", "socket", leap + timedelta(seconds=at), ticks=(raw,)))
        known.settle(leap + timedelta(seconds=2))
        (one,) = (one for one in known.pending.candles if one.source == "kraken")
        assert one.open_time == MIDNIGHT + timedelta(days=1)
        assert _tallies(known) == {Reason.TEXT: 1}

    def test_a_simulated_coin_has_a_volume(self) -> None:
        known = memory(chosen=True, answered=False)
        known.settle(NOON)
        known.take(batch(tick("BTC-USD", "70000"), source=SOURCE, transport="socket"))
        known.settle(NOON)
        known.settle(after(11))
        (one,) = (one for one in known.pending.candles if one.source == "simulated")
        assert one.volume is not None
        assert one.volume > 0


def _tallies(known: Memory) -> dict[str, int]:
    """How often each reason was given."""
    return {
        reason: tally.count for (_, _, reason, _), tally in known.pending.tallies.counts.items()
    }


@pytest.mark.django_db
class TestInterrupted:
    """Whoever writes is killed between two statements: PostgreSQL undoes what it had begun."""

    def minute(self, at: int) -> Candle:
        flat = D(at + 1)
        opened = NOON + timedelta(minutes=at)
        values = (flat, flat, flat, flat)
        return Candle(catalog.instrument("BTC-USD").id, "reference", "1m", opened, *values)

    def write(self, *, killed: bool) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            candle_store.write(cursor, [self.minute(at) for at in range(5)])
            rollup.advance(cursor, at=after(300))
            if killed:
                cursor.execute("SELECT pg_cancel_backend(pg_backend_pid()), pg_sleep(1)")

    def stored(self) -> list[int]:
        with clock.frozen(after(300)):
            return [len(candles.series("BTC-USD", name).candles) for name in ("1m", "5m")]

    def test_nothing_half_written_stays_and_the_next_try_writes_it_once(self) -> None:
        with connection.cursor() as cursor:
            rollup.advance(cursor, at=NOON)
        with pytest.raises(DatabaseError):
            self.write(killed=True)
        assert self.stored() == [0, 0]
        self.write(killed=False)
        self.write(killed=False)
        assert self.stored() == [5, 1]
