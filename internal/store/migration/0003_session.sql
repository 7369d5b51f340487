-- +goose Up
CREATE TABLE session (
    hash       TEXT   PRIMARY KEY, -- SHA-256 of the token
    data       TEXT   NOT NULL,    -- base64
    expires_at BIGINT NOT NULL
);

CREATE INDEX session_expiry ON session (expires_at);

CREATE TABLE signin_link (
    hash       TEXT   PRIMARY KEY, -- SHA-256 of the token
    member     TEXT   NOT NULL REFERENCES member (id),
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
