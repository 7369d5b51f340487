-- +goose Up
CREATE TABLE login_code (
    hash       TEXT   PRIMARY KEY, -- SHA-256 of the code that the browser takes to the command
    member     TEXT   NOT NULL,    -- who approved it
    name       TEXT   NOT NULL,    -- the machine, as the command says
    challenge  TEXT   NOT NULL,    -- SHA-256 of the command's verifier (RFC 7636, S256)
    redirect   TEXT   NOT NULL,    -- loopback address of the command
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
