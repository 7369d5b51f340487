-- +goose Up
-- Why an object failed, for programs, and how often; and the numbers of the rows that
-- an object brought: [[from, to], …] without to. Empty: they are not known.
ALTER TABLE rows_ledger ADD COLUMN code TEXT NOT NULL DEFAULT '';
ALTER TABLE rows_ledger ADD COLUMN attempts BIGINT NOT NULL DEFAULT 0;
ALTER TABLE rows_ledger ADD COLUMN spans TEXT NOT NULL DEFAULT '';
ALTER TABLE rows_retired ADD COLUMN code TEXT NOT NULL DEFAULT '';
ALTER TABLE rows_retired ADD COLUMN attempts BIGINT NOT NULL DEFAULT 0;
ALTER TABLE rows_retired ADD COLUMN spans TEXT NOT NULL DEFAULT '';

UPDATE rows_ledger SET attempts = 1 WHERE outcome = 'failed';
