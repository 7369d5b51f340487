-- +goose Up
CREATE TABLE security_event (
    seq        BIGINT  PRIMARY KEY, -- place in the chain, from 1
    fold       TEXT    NOT NULL,    -- ID of the window; later rows of it replace earlier ones
    latest     INTEGER NOT NULL,    -- 1: the newest of its window
    kind       TEXT    NOT NULL,
    address    TEXT    NOT NULL,
    subject    TEXT    NOT NULL,
    actor      TEXT    NOT NULL,
    workspace  TEXT    NOT NULL,
    method     TEXT    NOT NULL,
    reason     TEXT    NOT NULL,
    request_id TEXT    NOT NULL,
    events     BIGINT  NOT NULL,
    first_at   BIGINT  NOT NULL,
    last_at    BIGINT  NOT NULL,
    prev       TEXT    NOT NULL,    -- the hash before it
    hash       TEXT    NOT NULL
);

CREATE INDEX security_event_latest ON security_event (seq) WHERE latest = 1;
CREATE INDEX security_event_workspace ON security_event (workspace, seq) WHERE latest = 1;
CREATE INDEX security_event_kind ON security_event (kind, seq) WHERE latest = 1;
CREATE INDEX security_event_address ON security_event (address, seq) WHERE latest = 1;
CREATE INDEX security_event_fold ON security_event (fold) WHERE latest = 1;
CREATE INDEX security_event_last ON security_event (last_at);
