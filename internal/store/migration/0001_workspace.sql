-- +goose Up
CREATE TABLE workspace (
    id         TEXT   PRIMARY KEY,
    name       TEXT   NOT NULL UNIQUE, -- lower case
    created_at BIGINT NOT NULL
);

CREATE TABLE member (
    id            TEXT   PRIMARY KEY,
    workspace     TEXT   NOT NULL REFERENCES workspace (id),
    email         TEXT   NOT NULL, -- lower case
    role          TEXT   NOT NULL,        -- owner, admin, user
    password_hash TEXT   NOT NULL,        -- argon2id in PHC form; empty when there is none
    created_at    BIGINT NOT NULL,
    signed_in_at  BIGINT NOT NULL,
    UNIQUE (workspace, email)
);

CREATE INDEX member_workspace ON member (workspace, id);
