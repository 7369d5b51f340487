-- +goose Up
-- The processes that serve this state. seen_at is written by the database's clock;
-- a node that wasn't seen for 20 s is lost.
CREATE TABLE node (
    id          TEXT   PRIMARY KEY,
    name        TEXT   NOT NULL,
    version     TEXT   NOT NULL,
    address     TEXT   NOT NULL,
    rows_in     TEXT   NOT NULL, -- where its rows are
    started_at  BIGINT NOT NULL,
    seen_at     BIGINT NOT NULL,
    draining_at BIGINT NOT NULL DEFAULT 0,
    ended_at    BIGINT NOT NULL DEFAULT 0
);
