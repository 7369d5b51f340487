-- +goose Up
CREATE TABLE source (
    id          TEXT   PRIMARY KEY,
    workspace   TEXT   NOT NULL REFERENCES workspace (id),
    name        TEXT   NOT NULL,
    integration TEXT   NOT NULL, -- the way in: one of the two; the other is empty
    credential  TEXT   NOT NULL,
    bucket      TEXT   NOT NULL,
    pattern     TEXT   NOT NULL,
    exclude     TEXT   NOT NULL, -- ["pattern"]
    format      TEXT   NOT NULL, -- {"name","delimiter","json_path"}
    version     BIGINT NOT NULL, -- counts every change
    created_at  BIGINT NOT NULL,
    updated_at  BIGINT NOT NULL
);

CREATE UNIQUE INDEX source_name ON source (workspace, name);

CREATE INDEX source_integration ON source (workspace, integration);
