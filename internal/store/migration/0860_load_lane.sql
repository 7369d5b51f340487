-- +goose Up
-- The next load of a dataset is found without reading its whole queue: loads of a dataset
-- run one at a time, except dry runs.
CREATE INDEX load_lane ON load (workspace, dataset, dry_run, (CASE WHEN kind = 'backfill' THEN 1 ELSE 0 END), id)
    WHERE ended_at = 0 AND state = 'queued';

DROP INDEX load_next;
