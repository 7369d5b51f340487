-- +goose Up
CREATE TABLE token (
    id         TEXT   PRIMARY KEY,
    workspace  TEXT   NOT NULL REFERENCES workspace (id),
    kind       TEXT   NOT NULL, -- secret, publishable
    name       TEXT   NOT NULL,
    tail       TEXT   NOT NULL, -- the last four digits
    hash       TEXT   NOT NULL UNIQUE, -- SHA-256, hexadecimal
    scopes     TEXT   NOT NULL, -- [{"action","dataset"}]
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL, -- 0: never
    used_at    BIGINT NOT NULL, -- 0: never; to about a minute
    revoked_at BIGINT NOT NULL  -- 0: it is not
);

CREATE INDEX token_workspace ON token (workspace, id);
