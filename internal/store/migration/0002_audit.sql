-- +goose Up
CREATE TABLE audit (
    workspace TEXT    NOT NULL, -- empty for what belongs to none
    first     BIGINT  NOT NULL, -- numbers of the first and the last entry
    last      BIGINT  NOT NULL,
    reads     INTEGER NOT NULL, -- 1: all entries tell of reads of data
    since     BIGINT  NOT NULL,
    until     BIGINT  NOT NULL,
    hash      TEXT    NOT NULL, -- of the last entry
    lines     TEXT    NOT NULL, -- a line for each entry: hash, space, JSON
    PRIMARY KEY (workspace, first)
);

CREATE INDEX audit_changes ON audit (workspace, first) WHERE reads = 0;
