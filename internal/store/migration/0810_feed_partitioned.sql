-- +goose Up
-- Which partitions of keys become columns; the first load decides it for all later
-- ones. Empty: not decided. Else JSON.
ALTER TABLE feed ADD COLUMN partitioned TEXT NOT NULL DEFAULT '';
