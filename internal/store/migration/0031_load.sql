-- +goose Up
-- A load is its own entry in the queue: a worker claims it until a time, and
-- renews the claim while it works.
CREATE TABLE load (
    id            TEXT    PRIMARY KEY,
    workspace     TEXT    NOT NULL REFERENCES workspace (id),
    source        TEXT    NOT NULL, -- ID; the source may be gone
    dataset       TEXT    NOT NULL, -- name as asked for
    dataset_id    TEXT    NOT NULL, -- empty until it is known
    duplicates    TEXT    NOT NULL, -- ignore, replace
    max_rejected  BIGINT  NOT NULL, -- -1: any number
    dry_run       INTEGER NOT NULL,
    made_by       TEXT    NOT NULL, -- actor ID
    state         TEXT    NOT NULL, -- queued, planning, reading, committing, loaded, failed, cancelled
    progress      TEXT    NOT NULL, -- {"objects","rows",…}
    problems      TEXT    NOT NULL, -- [{"key","reason"}]
    notes         TEXT    NOT NULL, -- ["…"]
    fault         TEXT    NOT NULL,
    hint          TEXT    NOT NULL,
    cancelled     INTEGER NOT NULL, -- somebody asked for its end
    attempt       BIGINT  NOT NULL,
    worker        TEXT    NOT NULL, -- whose claim it is; empty: nobody's
    claimed_until BIGINT  NOT NULL, -- nobody else claims it before
    created_at    BIGINT  NOT NULL,
    started_at    BIGINT  NOT NULL,
    ended_at      BIGINT  NOT NULL  -- 0: it is not over
);

CREATE INDEX load_workspace ON load (workspace, id);

CREATE INDEX load_queue ON load (id) WHERE ended_at = 0;
