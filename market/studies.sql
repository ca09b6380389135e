-- What do indicators and signals say? Values of the default parameters, and events. Run by the owner, any number of times.

-- One row a candle: its close and volume, then every output of every indicator in the order that
-- `market/studies/shelf.py` says. A chart reads some hundred rows of one range, a summary one row.
CREATE TABLE IF NOT EXISTS market_study (
    instrument_id bigint NOT NULL REFERENCES market_instrument,
    interval text NOT NULL,
    open_time timestamptz NOT NULL,
    figures double precision[] NOT NULL,
    PRIMARY KEY (instrument_id, interval, open_time)
);

-- How far each series has been computed, in which layout, and when somebody looked last.
CREATE TABLE IF NOT EXISTS market_study_state (
    instrument_id bigint NOT NULL REFERENCES market_instrument,
    interval text NOT NULL,
    looked_at timestamptz NOT NULL,
    computed_to timestamptz,
    layout text NOT NULL DEFAULT '',
    simulated boolean NOT NULL DEFAULT false,
    PRIMARY KEY (instrument_id, interval)
);
