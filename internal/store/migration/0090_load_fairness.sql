-- +goose Up
-- Claims that were lost to a crash of the worker, one after the other.
ALTER TABLE load ADD COLUMN crashes INTEGER NOT NULL DEFAULT 0;

-- Workspaces take turns: the one whose last turn is smallest goes next.
CREATE TABLE load_turn (
    workspace TEXT   PRIMARY KEY REFERENCES workspace (id),
    turn      BIGINT NOT NULL
);

CREATE INDEX load_waiting ON load (workspace, id) WHERE ended_at = 0 AND state = 'queued';

CREATE INDEX load_running ON load (workspace) WHERE ended_at = 0 AND state <> 'queued';
