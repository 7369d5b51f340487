-- +goose Up
CREATE TABLE revocation (
    id         TEXT   PRIMARY KEY,
    workspace  TEXT   NOT NULL REFERENCES workspace (id),
    kind       TEXT   NOT NULL, -- grant, provider, integration, user
    subject    TEXT   NOT NULL, -- an ID; of a user that of the provider's tokens
    provider   TEXT   NOT NULL, -- of a user: its ID, or "members"; else empty
    created_at BIGINT NOT NULL,
    undone_at  BIGINT NOT NULL  -- 0: it stands
);

CREATE INDEX revocation_subject ON revocation (workspace, kind, subject, provider);
