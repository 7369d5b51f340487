-- +goose Up
-- How much a token may use, as JSON; {} for no limits.
ALTER TABLE token ADD COLUMN limits TEXT NOT NULL DEFAULT '{}';

-- +goose Down
ALTER TABLE token DROP COLUMN limits;
