-- +goose Up
-- What the values of a dataset's columns have shown, from which their types are
-- guessed: {"column": infer.Evidence}.
CREATE TABLE dataset_evidence (
    dataset TEXT  PRIMARY KEY REFERENCES dataset (id) ON DELETE CASCADE,
    content BYTEA NOT NULL
);
