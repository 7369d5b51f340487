-- +goose Up
ALTER TABLE member ADD COLUMN issuer TEXT NOT NULL DEFAULT ''; -- of the OIDC identity that signs the member in; empty: none
ALTER TABLE member ADD COLUMN subject TEXT NOT NULL DEFAULT '';
ALTER TABLE member ADD COLUMN secured_at BIGINT NOT NULL DEFAULT 0; -- sessions that began earlier have ended

CREATE UNIQUE INDEX member_identity ON member (workspace, issuer, subject) WHERE issuer <> '';
