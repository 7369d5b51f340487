-- +goose Up
-- The queue that receives the events of a source's bucket.
CREATE TABLE source_events (
    source      TEXT   PRIMARY KEY, -- ID
    workspace   TEXT   NOT NULL,
    integration TEXT   NOT NULL, -- ID
    queue       TEXT   NOT NULL, -- ARN
    settings    TEXT   NOT NULL, -- JSON
    paused      BIGINT NOT NULL,
    version     BIGINT NOT NULL,
    set_at      BIGINT NOT NULL, -- when the queue was set
    made_by     TEXT   NOT NULL,
    updated_at  BIGINT NOT NULL,
    seen        TEXT   NOT NULL, -- JSON: what was received, and counts
    start_at    BIGINT NOT NULL, -- when a node may look for loads to start
    list_at     BIGINT NOT NULL  -- when a node may list the bucket
);

CREATE INDEX source_events_integration ON source_events (workspace, integration);

-- Objects that wait to be loaded: one row for each key.
CREATE TABLE event_object (
    source     TEXT   NOT NULL, -- ID
    object_key TEXT   NOT NULL,
    action     TEXT   NOT NULL,
    form       TEXT   NOT NULL,
    sequencer  TEXT   NOT NULL,
    event_at   BIGINT NOT NULL,
    first_seen BIGINT NOT NULL,
    origin     TEXT   NOT NULL,
    attempts   BIGINT NOT NULL,
    next_at    BIGINT NOT NULL, -- when it is tried; 0: at once
    exhausted  BIGINT NOT NULL, -- 1: only the list and people try it again
    fault      TEXT   NOT NULL,
    revision   BIGINT NOT NULL, -- increases with every event
    started    BIGINT NOT NULL, -- 1: a load was started for it
    found      TEXT   NOT NULL, -- JSON: the object as the bucket had it then
    PRIMARY KEY (source, object_key)
);

CREATE INDEX event_object_first ON event_object (source, first_seen);

-- Reports of lists.
CREATE TABLE event_list (
    id         TEXT   PRIMARY KEY,
    source     TEXT   NOT NULL, -- ID
    started_at BIGINT NOT NULL,
    report     TEXT   NOT NULL  -- JSON
);

CREATE INDEX event_list_source ON event_list (source, id);
