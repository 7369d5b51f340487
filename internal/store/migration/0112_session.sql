-- +goose Up
ALTER TABLE signin_link ADD COLUMN role TEXT NOT NULL DEFAULT ''; -- of an invitation: the role it is for; it ends when the role changes

CREATE INDEX signin_link_member ON signin_link (member);

CREATE TABLE member_session (
    id       TEXT   PRIMARY KEY,
    member   TEXT   NOT NULL,
    address  TEXT   NOT NULL,
    agent    TEXT   NOT NULL, -- the browser's User-Agent
    began_at BIGINT NOT NULL,
    seen_at  BIGINT NOT NULL  -- to about a minute
);

CREATE INDEX member_session_member ON member_session (member, began_at);
CREATE INDEX member_session_seen ON member_session (seen_at);
