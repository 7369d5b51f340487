-- +goose Up
-- How long clients and caches may keep what a publishable token reads.
ALTER TABLE token ADD COLUMN cache_seconds BIGINT NOT NULL DEFAULT 0;
