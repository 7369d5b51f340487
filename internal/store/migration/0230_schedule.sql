-- +goose Up
CREATE TABLE schedule (
    id         TEXT   PRIMARY KEY,
    workspace  TEXT   NOT NULL,
    name       TEXT   NOT NULL,
    source     TEXT   NOT NULL, -- ID
    dataset    TEXT   NOT NULL, -- name, also of a dataset that the first load creates
    folded     TEXT   NOT NULL, -- the dataset's name in lower case
    settings   TEXT   NOT NULL, -- JSON: what it fires at, and what happens to late and overlapping runs
    paused     BIGINT NOT NULL,
    version    BIGINT NOT NULL,
    next_at    BIGINT NOT NULL, -- the next fire time; 0: none
    made_by    TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE UNIQUE INDEX schedule_name ON schedule (workspace, name);

CREATE INDEX schedule_source ON schedule (workspace, source);

CREATE INDEX schedule_next ON schedule (next_at) WHERE next_at <> 0;

-- What became of each fire time. One fire time of a schedule is here once,
-- whichever node saw it first.
CREATE TABLE schedule_run (
    schedule TEXT   NOT NULL,
    fire_at  BIGINT NOT NULL,
    state    TEXT   NOT NULL,
    load     TEXT   NOT NULL, -- ID; empty: none
    reason   TEXT   NOT NULL,
    at       BIGINT NOT NULL, -- when it was seen
    PRIMARY KEY (schedule, fire_at)
);
