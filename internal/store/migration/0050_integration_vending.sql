-- +goose Up
ALTER TABLE integration ADD COLUMN vending INTEGER NOT NULL DEFAULT 0; -- grants may vend through it
