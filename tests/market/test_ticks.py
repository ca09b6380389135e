"""Are ticks and prices stored in their days, and dropped with them?"""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, connection, connections, transaction
from django.db.backends.utils import CursorWrapper

from core.errors import Retryable
from market import candle_store, candles, rejections, retention, ticks
from market.candles import Candle
from market.minutes import Minutes
from market.models import Rejection as RejectionRow
from market.numbers import Reason
from market.quality import Rejection
from market.quotes import Contributor, ReferencePrice
from market.rejections import KEYS_MAX, Tallies
from market.ticks import PriceRow
from tests.market.said import MIDNIGHT, NOON, after, batch, judge, tick

pytestmark = pytest.mark.django_db


@pytest.fixture
def cursor() -> Iterator[CursorWrapper]:
    with connection.cursor() as opened:
        yield opened


def rows(cursor: CursorWrapper, query: str, *params: Any) -> list[tuple[Any, ...]]:
    cursor.execute(query, params)
    return list(cursor.fetchall())


def partitions(cursor: CursorWrapper) -> list[str]:
    query = "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = %s::regclass"
    return sorted(row[0][-8:] for row in rows(cursor, query, "market_tick"))


def test_ticks_are_stored_exactly_in_the_partition_of_their_day(cursor: CursorWrapper) -> None:
    good = judge().judge(batch(tick(mid="1.123456789012345678"))).good
    ticks.ensure_days(cursor, NOON.date())
    ticks.write(cursor, good)
    assert rows(cursor, "SELECT symbol, source, bid, received_at FROM market_tick") == [
        ("EUR-USD", "kraken", Decimal("1.123344443333444443"), NOON)
    ]


def test_prices_are_stored_with_everyone_who_contributed(cursor: CursorWrapper) -> None:
    voice = Contributor("kraken", Decimal("1.1"), None, None, NOON, used=True)
    price = ReferencePrice(
        "EUR-USD", Decimal("1.1"), None, None, NOON, "live", contributors=(voice,)
    )
    ticks.ensure_days(cursor, NOON.date())
    ticks.write_prices(cursor, [PriceRow(NOON, 1, price)])
    query = "SELECT mid, state, contributors->0->>'source' FROM market_price"
    assert rows(cursor, query) == [(Decimal("1.1"), "live", "kraken")]


def test_partitions_are_made_seven_days_ahead_and_dropped_after_seven(
    cursor: CursorWrapper,
) -> None:
    old = NOON - timedelta(days=20)
    retention.prune(at=old)
    assert partitions(cursor) == [f"{old + timedelta(days=n):%Y%m%d}" for n in range(8)]
    retention.prune(at=NOON)
    days = partitions(cursor)
    assert days[0] == "20261118"
    assert days[-1] == "20261125"
    retention.prune(at=NOON + timedelta(days=7))
    assert partitions(cursor)[0] == "20261118"
    retention.prune(at=NOON + timedelta(days=8))
    assert partitions(cursor)[0] == "20261119"


@pytest.mark.django_db(databases=["default", "owner"], transaction=True)
def test_whoever_reads_for_long_keeps_no_day_from_beginning(cursor: CursorWrapper) -> None:
    retention.prune(at=NOON)
    reader = connections["owner"].copy()  # as a backup: it holds on to all that it reads
    with reader.cursor() as reading:
        reading.execute("BEGIN")
        reading.execute("SELECT count(*) FROM market_tick, market_price")
        ticks.ensure_days(cursor, NOON.date() + timedelta(days=1))
        with pytest.raises(Retryable, match="left to the next hour"):
            retention.prune(at=NOON + timedelta(days=9))
    reader.close()
    assert partitions(cursor)[0] == "20261118"
    assert partitions(cursor)[-1] == "20261204"  # and those were made all the same
    retention.prune(at=NOON + timedelta(days=9))
    assert partitions(cursor)[0] == "20261120"


def test_the_app_cannot_make_or_drop_tables_by_itself(cursor: CursorWrapper) -> None:
    ticks.ensure_days(cursor, NOON.date())
    for command in ("DROP TABLE market_tick_20261118", "CREATE TABLE mine (a int)"):
        with pytest.raises(DatabaseError), transaction.atomic():
            cursor.execute(command)
    assert "20261118" in partitions(cursor)


def test_the_functions_of_the_owner_pin_their_search_path(cursor: CursorWrapper) -> None:
    names = ["market_ensure_partitions", "market_drop_partitions"]
    query = "SELECT prosecdef, proconfig FROM pg_proc WHERE proname = ANY(%s)"
    found = [(is_owners, settings[0]) for is_owners, settings in rows(cursor, query, names)]
    assert found == [(True, "search_path=public, pg_temp")] * 2


def test_a_candle_written_again_is_merged_when_it_is_our_own_minute(
    cursor: CursorWrapper,
) -> None:
    for figures in (("1.1", "1.2", "1.0", "1.15"), ("1.16", "1.3", "1.15", "1.2")):
        values = map(Decimal, figures)
        minute = Candle(instrument(cursor), "reference", "1m", NOON, *values, closed=False)
        candle_store.write(cursor, [minute])
    (stored,) = known(cursor)
    expected = tuple(map(Decimal, ("1.1", "1.3", "1.0", "1.2")))
    assert (stored.open, stored.high, stored.low, stored.close) == expected


def test_a_daily_candle_told_again_replaces_what_was_known(cursor: CursorWrapper) -> None:
    for close in ("1.15", "1.12"):
        values = map(Decimal, ("1.1", "1.2", "1.0", close))
        candle_store.write(cursor, [Candle(instrument(cursor), "kraken", "1d", MIDNIGHT, *values)])
    (stored,) = known(cursor)
    assert stored.close == Decimal("1.12")


def test_the_database_refuses_a_candle_that_contradicts_itself(cursor: CursorWrapper) -> None:
    values = map(Decimal, ("1.1", "1.0", "1.2", "1.1"))
    with pytest.raises(DatabaseError), transaction.atomic():
        candle_store.write(cursor, [Candle(instrument(cursor), "kraken", "1d", MIDNIGHT, *values)])
    assert known(cursor) == []


def test_minutes_are_due_every_ten_seconds_and_when_they_are_over() -> None:
    minutes = Minutes()
    due = []
    for at in range(0, 65, 5):
        minutes.note(1, "reference", Decimal(at + 1), at=after(at))
        due.append(sorted(one.close for one in minutes.due(after(at))))
    assert due[0] == [1]
    assert due[1] == []
    assert due[2] == [11]
    assert due[12] == [56, 61]


def known(cursor: CursorWrapper) -> list[Candle]:
    cursor.execute(f"SELECT {candles.FIELDS} FROM market_candle ORDER BY open_time")
    return [candles.stored(row) for row in cursor.fetchall()]


def refusal(at: float = 0, symbol: str = "EUR-USD", reason: Reason = Reason.NAN) -> Rejection:
    return Rejection("kraken", symbol, reason, after(at), f"at {at}")


def test_a_rejection_is_one_row_a_minute_with_a_count(cursor: CursorWrapper) -> None:
    for at in (0, 30, 59, 60):
        tallies = Tallies()
        tallies.add([refusal(at), refusal(at)])
        rejections.write(cursor, tallies)
    stored = RejectionRow.objects.order_by("minute").values_list("count", "sample")
    assert list(stored) == [(6, "at 0"), (2, "at 60")]


def test_rejections_of_other_reasons_and_symbols_are_rows_of_their_own(
    cursor: CursorWrapper,
) -> None:
    tallies = Tallies()
    tallies.add([refusal(), refusal(symbol="BTC-USD"), refusal(reason=Reason.JUMP)])
    rejections.write(cursor, tallies)
    assert RejectionRow.objects.count() == 3


def test_no_source_can_fill_the_table_with_invented_symbols() -> None:
    tallies = Tallies()
    tallies.add(refusal(symbol=f"X{n}") for n in range(2 * KEYS_MAX))
    assert len(tallies.counts) == KEYS_MAX + 1
    assert sum(tally.count for tally in tallies.counts.values()) == 2 * KEYS_MAX


def test_rejections_go_after_thirty_days(cursor: CursorWrapper) -> None:
    tallies = Tallies()
    tallies.add([refusal(), refusal(at=-31 * 24 * 3600)])
    rejections.write(cursor, tallies)
    assert rejections.prune(at=NOON) == 1
    assert [row.minute.date() for row in RejectionRow.objects.all()] == [date(2026, 11, 18)]


def instrument(cursor: CursorWrapper) -> int:
    ((found,),) = rows(cursor, "SELECT id FROM market_instrument WHERE symbol = 'EUR-USD'")
    return int(found)
