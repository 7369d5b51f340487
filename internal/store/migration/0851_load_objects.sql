-- +goose Up
-- The objects that a load recorded.
CREATE INDEX rows_ledger_load ON rows_ledger (load, key, version);
