-- +goose Up
CREATE TABLE vending_grant (
    id                   TEXT    PRIMARY KEY,
    workspace            TEXT    NOT NULL REFERENCES workspace (id),
    name                 TEXT    NOT NULL,
    provider             TEXT    NOT NULL, -- its ID, or "members"
    integration          TEXT    NOT NULL REFERENCES integration (id),
    conditions           TEXT    NOT NULL, -- [{"claim","operator","values"}]
    bucket               TEXT    NOT NULL,
    prefixes             TEXT    NOT NULL, -- ["team/${user}/"]
    actions              TEXT    NOT NULL, -- ["list","read"]
    max_duration_seconds BIGINT  NOT NULL,
    exchanges            BIGINT  NOT NULL, -- of one token
    not_before           BIGINT  NOT NULL,
    not_after            BIGINT  NOT NULL,
    allow_forks          INTEGER NOT NULL,
    allow_ssh_reruns     INTEGER NOT NULL,
    allow_pull_requests  INTEGER NOT NULL,
    users                TEXT    NOT NULL, -- ["…"]; empty: any
    tags                 TEXT    NOT NULL, -- claims, the most important first
    version              BIGINT  NOT NULL, -- counts every change
    created_at           BIGINT  NOT NULL,
    revoked_at           BIGINT  NOT NULL  -- 0: it is not
);

CREATE INDEX vending_grant_workspace ON vending_grant (workspace, id);

CREATE INDEX vending_grant_provider ON vending_grant (workspace, provider);

CREATE UNIQUE INDEX vending_grant_name ON vending_grant (workspace, name) WHERE revoked_at = 0;
