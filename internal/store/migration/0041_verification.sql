-- +goose Up
CREATE TABLE verification (
    id           TEXT   PRIMARY KEY,
    workspace    TEXT   NOT NULL REFERENCES workspace (id),
    integration  TEXT   NOT NULL REFERENCES integration (id),
    state        TEXT   NOT NULL, -- running, verified, failing, insecure, propagating
    reason       TEXT   NOT NULL,
    triggered_by TEXT   NOT NULL, -- asked, edited, settled, timer
    asked_by     TEXT   NOT NULL, -- a name for people
    subject      TEXT   NOT NULL, -- the integration as it was
    checks       TEXT   NOT NULL, -- those that are done, in order
    started_at   BIGINT NOT NULL,
    ended_at     BIGINT NOT NULL,
    again_at     BIGINT NOT NULL  -- when it is tried again by itself; 0: not
);

CREATE INDEX verification_integration ON verification (integration, id);

CREATE UNIQUE INDEX verification_running ON verification (integration) WHERE state = 'running';

-- When an integration is to be verified by itself.
CREATE TABLE verification_due (
    integration  TEXT   PRIMARY KEY REFERENCES integration (id),
    workspace    TEXT   NOT NULL,
    due_at       BIGINT NOT NULL,
    triggered_by TEXT   NOT NULL
);

CREATE INDEX verification_due_at ON verification_due (due_at);
