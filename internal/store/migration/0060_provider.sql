-- +goose Up
CREATE TABLE provider (
    id              TEXT   PRIMARY KEY,
    workspace       TEXT   NOT NULL REFERENCES workspace (id),
    name            TEXT   NOT NULL,
    kind            TEXT   NOT NULL, -- circleci, github, gitlab, buildkite, terraform, custom
    issuer          TEXT   NOT NULL, -- exactly as in a token
    jwks_url        TEXT   NOT NULL,
    audience        TEXT   NOT NULL,
    algorithms      TEXT   NOT NULL, -- ["RS256"]
    max_age_seconds BIGINT NOT NULL,
    shared          INTEGER NOT NULL,
    organization    TEXT   NOT NULL, -- its ID; empty: any
    claims          TEXT   NOT NULL, -- [{"name","kind","role",…}]
    guards          TEXT   NOT NULL, -- [{"flag","claim",…}]
    version         BIGINT NOT NULL, -- counts every change
    created_at      BIGINT NOT NULL,
    removed_at      BIGINT NOT NULL  -- 0: it is not
);

CREATE INDEX provider_workspace ON provider (workspace, id);

CREATE INDEX provider_issuer ON provider (issuer) WHERE removed_at = 0;

CREATE UNIQUE INDEX provider_name ON provider (workspace, name) WHERE removed_at = 0;
