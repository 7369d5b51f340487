-- +goose Up
CREATE TABLE attempt (
    bucket  TEXT   PRIMARY KEY,
    full_at BIGINT NOT NULL -- when it has all its attempts again
);

CREATE INDEX attempt_full ON attempt (full_at);

CREATE TABLE instance_secret (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL -- base64
);
