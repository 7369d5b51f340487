-- +goose Up
-- A source feeds several datasets, each object once in each.
CREATE TABLE rows_ledger_of_feed (
    dataset  TEXT   NOT NULL,
    source   TEXT   NOT NULL,
    key      BYTEA  NOT NULL,
    version  BYTEA  NOT NULL,
    load     TEXT   NOT NULL,
    outcome  TEXT   NOT NULL, -- loaded, skipped, failed
    reason   TEXT   NOT NULL,
    size     BIGINT NOT NULL,
    modified BIGINT NOT NULL,
    rows     BIGINT NOT NULL,
    rejected BIGINT NOT NULL,
    recorded BIGINT NOT NULL,
    PRIMARY KEY (dataset, source, key, version)
);

INSERT INTO rows_ledger_of_feed
    SELECT dataset, source, key, version, load, outcome, reason, size, modified, rows, rejected, recorded FROM rows_ledger;

DROP TABLE rows_ledger;

ALTER TABLE rows_ledger_of_feed RENAME TO rows_ledger;

CREATE INDEX rows_ledger_source ON rows_ledger (source, key);
