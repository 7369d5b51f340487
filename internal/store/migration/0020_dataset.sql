-- +goose Up
CREATE TABLE dataset (
    id          TEXT   PRIMARY KEY, -- names the table in the engine
    workspace   TEXT   NOT NULL REFERENCES workspace (id),
    name        TEXT   NOT NULL,
    folded      TEXT   NOT NULL, -- the name in lower case
    title       TEXT   NOT NULL,
    description TEXT   NOT NULL,
    schema      TEXT   NOT NULL, -- {"columns","index"}
    created_at  BIGINT NOT NULL,
    updated_at  BIGINT NOT NULL
);

CREATE UNIQUE INDEX dataset_name ON dataset (workspace, folded);
