-- +goose Up
CREATE TABLE login_request (
    device_hash TEXT   PRIMARY KEY,  -- SHA-256 of what the command holds
    code_hash   TEXT   NOT NULL UNIQUE, -- SHA-256 of what the person types
    name        TEXT   NOT NULL,     -- the machine, as the command says
    address     TEXT   NOT NULL,     -- client address of the command
    member      TEXT   NOT NULL,     -- who approved it; empty: nobody yet
    denied      BIGINT NOT NULL,     -- 1: a person said no
    created_at  BIGINT NOT NULL,
    expires_at  BIGINT NOT NULL
);
