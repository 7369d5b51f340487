-- +goose Up
-- The objects of a replay or a backfill, as JSON; empty for other loads.
ALTER TABLE load ADD COLUMN selection TEXT NOT NULL DEFAULT '';
