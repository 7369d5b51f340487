-- +goose Up
-- Random keys under which the service encrypts what it hands to clients to get it
-- back, such as cursors. They are sealed with the master key.
CREATE TABLE state_key (
    name    TEXT   PRIMARY KEY,
    sealed  BYTEA  NOT NULL,
    made_at BIGINT NOT NULL
);
