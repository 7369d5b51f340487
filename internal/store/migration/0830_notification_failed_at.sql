-- +goose Up
-- When the last delivery to a destination failed: failures with a long quiet time
-- between them don't count as failures in a row.
ALTER TABLE notification ADD COLUMN failed_at BIGINT NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE notification DROP COLUMN failed_at;
