-- +goose Up
-- Which files hold the rows of a dataset. A commit changes all tables of this
-- migration in one transaction, together with the load that it ends. BYTEA
-- keeps bytes as they are in both databases, and orders them by value.

-- Which folder the rows are in: its file ID has the same text.
CREATE TABLE rows_identity (
    one       INTEGER PRIMARY KEY CHECK (one = 1),
    identity  TEXT    NOT NULL,
    folder    TEXT    NOT NULL, -- where it was last, for error messages
    made_at   BIGINT  NOT NULL
);

CREATE TABLE rows_dataset (
    dataset    TEXT    PRIMARY KEY,
    version    BIGINT  NOT NULL, -- grows with each commit: a commit names the one that it builds on
    columns    TEXT    NOT NULL, -- [{"name","type"}], in the order in which they first came
    index_key    TEXT  NOT NULL, -- the index of the last load; empty: no such part
    index_subkey TEXT  NOT NULL,
    index_date   TEXT  NOT NULL,
    not_unique INTEGER NOT NULL, -- 1: that index was a guess, and wrong
    next_seq   BIGINT  NOT NULL,
    rows       BIGINT  NOT NULL, -- without deleted ones
    bytes      BIGINT  NOT NULL,
    updated    BIGINT  NOT NULL  -- time of the last load
);

CREATE TABLE rows_segment (
    id         TEXT   PRIMARY KEY, -- names the file
    dataset    TEXT   NOT NULL,
    rows       BIGINT NOT NULL, -- in the file
    deleted    BIGINT NOT NULL, -- of them
    bytes      BIGINT NOT NULL, -- of the file
    bounds     TEXT   NOT NULL, -- {"min_key","max_key","min_date","max_date"}
    created_by TEXT   NOT NULL, -- the load, or "compaction"
    created_at BIGINT NOT NULL,
    deletes    BYTEA            -- roaring bitmap of the deleted positions
);

CREATE INDEX rows_segment_dataset ON rows_segment (dataset, id);

CREATE TABLE rows_ledger (
    source   TEXT   NOT NULL,
    key      BYTEA  NOT NULL,
    version  BYTEA  NOT NULL,
    dataset  TEXT   NOT NULL,
    load     TEXT   NOT NULL,
    outcome  TEXT   NOT NULL, -- loaded, skipped, failed
    reason   TEXT   NOT NULL,
    size     BIGINT NOT NULL,
    modified BIGINT NOT NULL,
    rows     BIGINT NOT NULL,
    rejected BIGINT NOT NULL,
    recorded BIGINT NOT NULL,
    PRIMARY KEY (source, key, version)
);

CREATE INDEX rows_ledger_dataset ON rows_ledger (dataset);

-- The ledger of removed datasets, until they are restored or deleted.
CREATE TABLE rows_retired (
    source   TEXT   NOT NULL,
    key      BYTEA  NOT NULL,
    version  BYTEA  NOT NULL,
    dataset  TEXT   NOT NULL,
    load     TEXT   NOT NULL,
    outcome  TEXT   NOT NULL,
    reason   TEXT   NOT NULL,
    size     BIGINT NOT NULL,
    modified BIGINT NOT NULL,
    rows     BIGINT NOT NULL,
    rejected BIGINT NOT NULL,
    recorded BIGINT NOT NULL,
    PRIMARY KEY (dataset, source, key, version)
);

-- Rejected rows, many in one row here.
CREATE TABLE rows_reject (
    load    TEXT   NOT NULL,
    part    BIGINT NOT NULL,
    dataset TEXT   NOT NULL,
    rows    BIGINT NOT NULL,
    content BYTEA  NOT NULL,
    PRIMARY KEY (load, part)
);

CREATE INDEX rows_reject_dataset ON rows_reject (dataset);
