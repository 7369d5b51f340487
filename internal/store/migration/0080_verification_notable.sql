-- +goose Up
-- Whether a verification came to something else than the one before it. Of old
-- ones it is not known, so they are kept as if.
ALTER TABLE verification ADD COLUMN notable INTEGER NOT NULL DEFAULT 1;
