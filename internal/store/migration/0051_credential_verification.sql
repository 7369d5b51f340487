-- +goose Up
-- The last verification of each access key.
CREATE TABLE credential_verification (
    credential TEXT   PRIMARY KEY REFERENCES credential (id) ON DELETE CASCADE,
    id         TEXT   NOT NULL,
    workspace  TEXT   NOT NULL REFERENCES workspace (id),
    state      TEXT   NOT NULL, -- verified, failing
    reason     TEXT   NOT NULL,
    asked_by   TEXT   NOT NULL, -- a name for people
    subject    TEXT   NOT NULL, -- what it was asked to open
    checks     TEXT   NOT NULL,
    started_at BIGINT NOT NULL,
    ended_at   BIGINT NOT NULL
);
