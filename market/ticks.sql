-- Where do prices lie? Tables too big or too plain for the ORM. Run by the owner, any number of times.

-- What sources said and quality let pass; `symbol` is the source's own pair (BTC-USDT is no BTC-USD).
CREATE TABLE IF NOT EXISTS market_tick (
    received_at timestamptz NOT NULL,
    as_of timestamptz NOT NULL,
    symbol text NOT NULL,
    source text NOT NULL,
    bid numeric(38, 18),
    ask numeric(38, 18),
    last numeric(38, 18),
    volume numeric(38, 18)
) PARTITION BY RANGE (received_at);
CREATE INDEX IF NOT EXISTS market_tick_received ON market_tick USING brin (received_at);

-- The consolidated price of each instrument, with everyone who contributed.
CREATE TABLE IF NOT EXISTS market_price (
    at timestamptz NOT NULL,
    instrument_id bigint NOT NULL,
    mid numeric(38, 18) NOT NULL CHECK (mid > 0 AND mid <> 'NaN'),
    bid numeric(38, 18),
    ask numeric(38, 18),
    as_of timestamptz NOT NULL,
    state text NOT NULL,
    reason text NOT NULL,
    simulated boolean NOT NULL,
    contributors jsonb NOT NULL
) PARTITION BY RANGE (at);
CREATE INDEX IF NOT EXISTS market_price_instrument ON market_price (instrument_id, at);

-- One row an instrument: the last price, and when a real source first priced it.
CREATE TABLE IF NOT EXISTS market_latest (
    instrument_id bigint PRIMARY KEY REFERENCES market_instrument,
    price jsonb,
    first_real_at timestamptz
);

-- Units of each currency per 1 EUR, as fixed by the European Central Bank.
CREATE TABLE IF NOT EXISTS market_fixing (
    date date NOT NULL,
    currency text NOT NULL,
    rate numeric(38, 18) NOT NULL CHECK (rate > 0 AND rate <> 'NaN'),
    PRIMARY KEY (date, currency)
);

-- Candles of every source and interval; of source `reference` (or `simulated`): our own mids.
-- `closed` is false while one forms, and for ever where we did not see its whole minute.
-- `minutes` of a roll-up: how many whole minutes it is made of; null where a source said it whole.
CREATE TABLE IF NOT EXISTS market_candle (
    instrument_id bigint NOT NULL REFERENCES market_instrument,
    source text NOT NULL,
    interval text NOT NULL,
    open_time timestamptz NOT NULL,
    open numeric(38, 18) NOT NULL,
    high numeric(38, 18) NOT NULL,
    low numeric(38, 18) NOT NULL,
    close numeric(38, 18) NOT NULL,
    volume numeric(38, 18),
    closed boolean NOT NULL DEFAULT true,
    minutes smallint,
    PRIMARY KEY (instrument_id, source, interval, open_time),
    CHECK (low > 0 AND low <= LEAST(open, close) AND high >= GREATEST(open, close)),
    CHECK (high <> 'NaN' AND volume <> 'NaN')
);
-- Of our own minutes from before it was kept, nobody knows which were seen whole.
DO $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM information_schema.columns
        WHERE table_schema = 'public' AND table_name = 'market_candle' AND column_name = 'closed'
    ) THEN
        ALTER TABLE market_candle ADD COLUMN closed boolean NOT NULL DEFAULT true;
        UPDATE market_candle SET closed = false
        WHERE source IN ('reference', 'simulated') AND interval = '1m';
    END IF;
END $$;
ALTER TABLE market_candle ADD COLUMN IF NOT EXISTS minutes smallint;
-- Days of the simulated market were once kept under the name of its feed.
DELETE FROM market_candle
WHERE instrument_id = ANY (ARRAY(SELECT id FROM market_instrument)) AND source = 'replay' AND interval = '1d';

-- Stretches of time without candles that a source's own history could not fill, and why.
CREATE TABLE IF NOT EXISTS market_gap (
    instrument_id bigint NOT NULL REFERENCES market_instrument,
    interval text NOT NULL,
    starts timestamptz NOT NULL,
    ends timestamptz NOT NULL CHECK (ends > starts),
    reason text NOT NULL,
    asked_at timestamptz NOT NULL,
    PRIMARY KEY (instrument_id, interval, starts)
);

-- How far minutes have been rolled up: moves in the same transaction as the minutes themselves.
CREATE TABLE IF NOT EXISTS market_rolled (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    until timestamptz NOT NULL
);

-- How far the writer of prices has read the inbox: moves in the same transaction as what it wrote.
CREATE TABLE IF NOT EXISTS market_inbox_position (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    entry text NOT NULL
);

-- The app's role may not create tables; these two functions of the owner keep the days' partitions.
-- A table made by itself and then attached waits for nobody who reads: a backup may last for hours.
CREATE OR REPLACE FUNCTION market_ensure_partitions(first date, days integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    parent text;
    day date;
    name text;
BEGIN
    IF days NOT BETWEEN 1 AND 31 THEN
        RAISE EXCEPTION 'between 1 and 31 days of partitions, not %', days;
    END IF;
    FOREACH parent IN ARRAY ARRAY['market_tick', 'market_price'] LOOP
        FOR day IN SELECT first + n FROM generate_series(0, days - 1) AS n LOOP
            name := parent || to_char(day, '_YYYYMMDD');
            CONTINUE WHEN to_regclass(format('public.%I', name)) IS NOT NULL;
            EXECUTE format('LOCK TABLE public.%I IN SHARE UPDATE EXCLUSIVE MODE', parent);
            CONTINUE WHEN to_regclass(format('public.%I', name)) IS NOT NULL;
            EXECUTE format('CREATE TABLE public.%I (LIKE public.%I INCLUDING ALL)', name, parent);
            EXECUTE format(
                'ALTER TABLE public.%I ATTACH PARTITION public.%I FOR VALUES FROM (%L) TO (%L)',
                parent, name, day::timestamp AT TIME ZONE 'UTC', (day + 1)::timestamp AT TIME ZONE 'UTC'
            );
        END LOOP;
    END LOOP;
END $$;

-- Dropping waits for readers, and writers wait behind it: not for long, the next hour tries again.
CREATE OR REPLACE FUNCTION market_drop_partitions(before date) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = '200ms' AS $$
DECLARE
    old record;
    dropped integer := 0;
BEGIN
    FOR old IN
        SELECT c.relname FROM pg_inherits i
        JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent IN ('public.market_tick'::regclass, 'public.market_price'::regclass)
        AND to_date(right(c.relname, 8), 'YYYYMMDD') < before
        ORDER BY c.relname DESC -- ticks before prices, as the writer locks them
    LOOP
        EXECUTE format('DROP TABLE public.%I', old.relname);
        dropped := dropped + 1;
    END LOOP;
    RETURN dropped;
END $$;

REVOKE ALL ON FUNCTION market_ensure_partitions(date, integer), market_drop_partitions(date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION market_ensure_partitions(date, integer), market_drop_partitions(date) TO site_app;
