-- +goose Up
-- What tells a backup of this state from that of another, and when the last one was
-- made.
CREATE TABLE instance (
    one          INTEGER PRIMARY KEY CHECK (one = 1),
    id           TEXT    NOT NULL,
    backed_up_at BIGINT  NOT NULL DEFAULT 0 -- 0: never
);
-- While a pin lives, no file with rows is deleted that a version of the past had.
CREATE TABLE pin (
    id    TEXT   PRIMARY KEY,
    until BIGINT NOT NULL
);
