-- +goose Up
-- The next load of a workspace is found without reading its whole queue: backfills come
-- after its other loads.
CREATE INDEX load_next ON load (workspace, (CASE WHEN kind = 'backfill' THEN 1 ELSE 0 END), id)
    WHERE ended_at = 0 AND state = 'queued';
