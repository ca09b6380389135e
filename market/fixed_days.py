"""What was every fiat pair worth on each day since 1999? The ECB's fixings, as daily candles.

A fixing is one price a day: open, high, low and close are the same. Pairs without EUR are the
quotient of two rates of one day, to 18 decimals.
"""

from django.db import connection, transaction

from market import locks
from market.candles import DAY, INTERVALS
from market.charts import healed
from market.fixings import ANCHOR, SOURCE

FORGOTTEN_S = 120.0  # whoever died at it
AGAIN_DAYS = 10  # the ECB corrects a fixing now and then

STORE = """
WITH pairs AS MATERIALIZED (
    SELECT i.id, b.code AS base, q.code AS quote, coalesce((
        SELECT max(open_time)::date - %(again)s FROM market_candle
        WHERE instrument_id = i.id AND source = %(source)s AND interval = '1d'
    ), '-infinity') AS since
    FROM market_instrument i
    JOIN market_currency b ON b.id = i.base_id JOIN market_currency q ON q.id = i.quote_id
    WHERE i.kind = 'fx'
), told AS MATERIALIZED (
    SELECT date, currency, rate FROM market_fixing WHERE date > (SELECT min(since) FROM pairs)
), rates AS MATERIALIZED (
    SELECT * FROM told UNION ALL SELECT DISTINCT date, %(anchor)s, 1 FROM told
), fixed AS (
    SELECT pairs.id, one.date::timestamp AT TIME ZONE 'UTC' AS at,
        round(other.rate::numeric(58, 38) / one.rate, 18) AS price
    FROM pairs JOIN rates one ON one.currency = pairs.base AND one.date > pairs.since
    JOIN rates other ON other.currency = pairs.quote AND other.date = one.date
), stored AS (
INSERT INTO market_candle (instrument_id, source, interval, open_time, open, high, low, close)
SELECT id, %(source)s, '1d', at, price, price, price, price FROM fixed
ON CONFLICT (instrument_id, source, interval, open_time) DO UPDATE SET open = excluded.open,
    high = excluded.high, low = excluded.low, close = excluded.close
WHERE market_candle.close <> excluded.close
RETURNING instrument_id, open_time
) SELECT symbol, count(*), min(open_time), max(open_time) FROM stored
JOIN market_instrument ON id = instrument_id GROUP BY symbol
"""


def store() -> int:
    """Bring the daily candles up to the newest fixing, all of them the first time; tell charts.

    Answers with how many were written; any number of times.
    """
    with locks.alone("market:fixed-days", forgotten_s=FORGOTTEN_S) as alone:
        return _store() if alone else 0


def _store() -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '60s'")  # of the first time, on a slow disk
        cursor.execute(STORE, {"anchor": ANCHOR, "source": SOURCE, "again": AGAIN_DAYS})
        stored = cursor.fetchall()
    for symbol, _, first, last in stored:
        healed.tell(symbol, DAY, first, last + INTERVALS[DAY])
    return sum(count for _, count, *_ in stored)
