"""Is what an older version of the site stored taken over as what it is?"""

import pytest
from django.db import connections, transaction

from tradingsite.datafolder import PROJECT

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
TICKS = PROJECT / "market/ticks.sql"
INSERT = (
    "INSERT INTO market_candle (instrument_id, source, interval, open_time, open, high, low, close)"
    " SELECT id, source, interval, now(), 1, 1, 1, 1 FROM market_instrument,"
    " (VALUES ('reference', '1m'), ('simulated', '1m'), ('kraken', '1m'), ('reference', '1d'))"
    " AS told (source, interval) WHERE symbol = 'BTC-USD'"
)
CLOSED = "SELECT source, interval FROM market_candle WHERE closed ORDER BY source"


def test_our_own_minutes_of_unknown_wholeness_are_not_closed_once() -> None:
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        cursor.execute("ALTER TABLE market_candle DROP COLUMN closed")
        cursor.execute(INSERT)
        cursor.execute(TICKS.read_text())
        cursor.execute(CLOSED)
        assert cursor.fetchall() == [("kraken", "1m"), ("reference", "1d")]
        cursor.execute("UPDATE market_candle SET closed = true")
        cursor.execute(TICKS.read_text())
        cursor.execute(CLOSED)
        assert len(cursor.fetchall()) == 4
        transaction.set_rollback(True, using="owner")
