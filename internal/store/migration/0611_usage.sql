-- +goose Up
-- What tokens read, write, delete and query, by day.
CREATE TABLE usage_count (
    day       BIGINT NOT NULL, -- days since 1970
    workspace TEXT   NOT NULL REFERENCES workspace (id) ON DELETE CASCADE,
    token     TEXT   NOT NULL, -- ID, or console
    dataset   TEXT   NOT NULL, -- ID; empty: none
    kind      TEXT   NOT NULL, -- read, write, delete, query
    requests  BIGINT NOT NULL,
    refusals  BIGINT NOT NULL,
    rows      BIGINT NOT NULL,
    bytes     BIGINT NOT NULL,
    sql_ms    BIGINT NOT NULL,
    PRIMARY KEY (workspace, day, token, dataset, kind)
);

-- How many of these requests took how long.
CREATE TABLE usage_latency (
    day       BIGINT  NOT NULL,
    workspace TEXT    NOT NULL REFERENCES workspace (id) ON DELETE CASCADE,
    token     TEXT    NOT NULL,
    dataset   TEXT    NOT NULL,
    kind      TEXT    NOT NULL,
    bucket    INTEGER NOT NULL,
    requests  BIGINT  NOT NULL,
    PRIMARY KEY (workspace, day, token, dataset, kind, bucket)
);

CREATE INDEX usage_count_day ON usage_count (day);
CREATE INDEX usage_latency_day ON usage_latency (day);
