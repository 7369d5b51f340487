-- +goose Up
-- ID tokens that were exchanged, by a hash, until no clock takes them any more.
CREATE TABLE vending_token (
    workspace   TEXT   NOT NULL REFERENCES workspace (id),
    fingerprint TEXT   NOT NULL,
    exchanges   BIGINT NOT NULL,
    until       BIGINT NOT NULL,
    PRIMARY KEY (workspace, fingerprint)
);

CREATE INDEX vending_token_until ON vending_token (until);
