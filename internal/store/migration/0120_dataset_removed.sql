-- +goose Up
-- A removed dataset can be restored for 24 hours. Its name is free meanwhile.
ALTER TABLE dataset ADD COLUMN removed_at BIGINT NOT NULL DEFAULT 0; -- 0: it isn't removed

DROP INDEX dataset_name;

CREATE UNIQUE INDEX dataset_name ON dataset (workspace, folded) WHERE removed_at = 0;

CREATE INDEX dataset_removed ON dataset (removed_at) WHERE removed_at <> 0;
