-- +goose Up
-- The backups that nodes make by themselves: one run for each fire time, whichever
-- node makes it.
CREATE TABLE backup_run (
    fire_at    BIGINT  PRIMARY KEY,
    node       TEXT    NOT NULL,
    attempts   INTEGER NOT NULL,
    started_at BIGINT  NOT NULL,
    until      BIGINT  NOT NULL,            -- then another node may try again
    ended_at   BIGINT  NOT NULL DEFAULT 0   -- 0: it hasn't ended
);
