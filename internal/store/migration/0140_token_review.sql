-- +goose Up
-- Tokens from before tokens had makers got the owner who joined first. The console asks owners to look at them.
ALTER TABLE token ADD COLUMN review BOOLEAN NOT NULL DEFAULT FALSE;

UPDATE token SET review = TRUE WHERE kind IN ('secret', 'publishable') AND parent = '' AND revoked_at = 0;
