-- +goose Up
-- Who approved removing the rows of deleted objects although they are many.
ALTER TABLE event_object ADD COLUMN approved TEXT NOT NULL DEFAULT '';
-- The approval for the next list, empty without one.
ALTER TABLE source_events ADD COLUMN approval TEXT NOT NULL DEFAULT '';
