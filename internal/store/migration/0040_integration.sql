-- +goose Up
CREATE TABLE integration (
    id               TEXT    PRIMARY KEY,
    workspace        TEXT    NOT NULL REFERENCES workspace (id),
    name             TEXT    NOT NULL,
    state            TEXT    NOT NULL, -- reserved, unverified, propagating, verified, failing, insecure, disabled, removed
    reason           TEXT    NOT NULL, -- why the state is what it is; empty when it needs none
    external_id      TEXT    NOT NULL,
    next_external_id TEXT    NOT NULL, -- while it is being rotated; else empty
    principal_arn    TEXT    NOT NULL,
    role_arn         TEXT    NOT NULL, -- empty while reserved
    locations        TEXT    NOT NULL, -- [{"bucket","prefix"}]
    access           TEXT    NOT NULL, -- read, readwrite
    region           TEXT    NOT NULL,
    endpoint         TEXT    NOT NULL,
    requester_pays   INTEGER NOT NULL,
    kms_key_arns     TEXT    NOT NULL, -- ["arn:aws:kms:…"]
    session_seconds  BIGINT  NOT NULL,
    revision         BIGINT  NOT NULL, -- counts edits of what a verification is about
    version          BIGINT  NOT NULL, -- counts every change
    created_at       BIGINT  NOT NULL,
    edited_at        BIGINT  NOT NULL,
    verified_at      BIGINT  NOT NULL,
    removed_at       BIGINT  NOT NULL
);

CREATE INDEX integration_workspace ON integration (workspace, id);

CREATE UNIQUE INDEX integration_name ON integration (workspace, name) WHERE state <> 'removed';

-- Every External ID that was ever made, so that none is made twice. Rows are
-- never deleted.
CREATE TABLE external_id (
    external_id TEXT   PRIMARY KEY,
    integration TEXT   NOT NULL REFERENCES integration (id),
    made_at     BIGINT NOT NULL
);
