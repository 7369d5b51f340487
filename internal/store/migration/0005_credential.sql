-- +goose Up
CREATE TABLE credential (
    id            TEXT   PRIMARY KEY,
    workspace     TEXT   NOT NULL REFERENCES workspace (id),
    name          TEXT   NOT NULL,
    access_key_id TEXT   NOT NULL,
    sealed        TEXT   NOT NULL, -- the secret access key, sealed, in base 64
    region        TEXT   NOT NULL,
    endpoint      TEXT   NOT NULL,
    created_at    BIGINT NOT NULL
);

CREATE UNIQUE INDEX credential_name ON credential (workspace, name);
