-- +goose Up
-- How a load ended, for programs, and its limit of rejected rows for each object.
ALTER TABLE load ADD COLUMN outcome TEXT NOT NULL DEFAULT '';
ALTER TABLE load ADD COLUMN code TEXT NOT NULL DEFAULT '';
ALTER TABLE load ADD COLUMN max_rejected_percent INTEGER NOT NULL DEFAULT 100;

-- How often a load waited for AWS, one time after the other, and until when it
-- waits; 0: it doesn't.
ALTER TABLE load ADD COLUMN waits INTEGER NOT NULL DEFAULT 0;
ALTER TABLE load ADD COLUMN next_attempt_at BIGINT NOT NULL DEFAULT 0;

UPDATE load SET outcome = CASE WHEN problems = '[]' OR problems = 'null' OR problems = '' THEN 'complete' ELSE 'partial' END
    WHERE state = 'loaded' AND dry_run = 0;
