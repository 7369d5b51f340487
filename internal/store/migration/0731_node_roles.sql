-- +goose Up
-- What a node does: serve, load, schedule, with commas between.
ALTER TABLE node ADD COLUMN roles TEXT NOT NULL DEFAULT 'serve,load,schedule';
