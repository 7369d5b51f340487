-- +goose Up
-- How objects differed from the schemas of datasets.
CREATE TABLE dataset_drift (
    id          TEXT   PRIMARY KEY,
    dataset     TEXT   NOT NULL REFERENCES dataset (id) ON DELETE CASCADE,
    kind        TEXT   NOT NULL,
    column_name TEXT   NOT NULL,
    load        TEXT   NOT NULL, -- ID
    facts       TEXT   NOT NULL, -- JSON
    found_at    BIGINT NOT NULL,
    UNIQUE (dataset, kind, column_name, load)
);

CREATE INDEX dataset_drift_newest ON dataset_drift (dataset, id);
