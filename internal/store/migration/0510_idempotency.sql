-- +goose Up
-- Requests with an Idempotency-Key, and their answers.
CREATE TABLE idempotency (
    id         TEXT   PRIMARY KEY, -- SHA-256 of the token, method, path and key
    actor      TEXT   NOT NULL,    -- ID of the token or member
    run        TEXT   NOT NULL,    -- who runs it, or ran it
    request    TEXT   NOT NULL,    -- SHA-256 of the query and body; empty while it runs
    answer     BYTEA,              -- sealed; NULL while it runs
    bytes      BIGINT NOT NULL,    -- of the answer
    expires_at BIGINT NOT NULL     -- while it runs: unless it is renewed
);
CREATE INDEX idempotency_actor ON idempotency (actor, bytes);
CREATE INDEX idempotency_expires ON idempotency (expires_at);
