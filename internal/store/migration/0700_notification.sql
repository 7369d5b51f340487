-- +goose Up
-- Where a workspace's notifications are sent.
CREATE TABLE notification (
    id              TEXT   PRIMARY KEY,
    workspace       TEXT   NOT NULL REFERENCES workspace (id) ON DELETE CASCADE,
    name            TEXT   NOT NULL,
    kind            TEXT   NOT NULL, -- webhook, slack, email
    address         TEXT   NOT NULL, -- of a webhook; of Slack only the origin
    recipients      TEXT   NOT NULL, -- JSON: e-mail addresses
    sealed          TEXT   NOT NULL, -- base64: signing keys, or the address of Slack
    events          TEXT   NOT NULL, -- JSON: types and patterns
    datasets        TEXT   NOT NULL, -- JSON: names; none: all
    enabled         BIGINT NOT NULL,
    disabled_reason TEXT   NOT NULL,
    failing_since   BIGINT NOT NULL, -- the first failure after the last success; 0: none
    version         BIGINT NOT NULL,
    made_by         TEXT   NOT NULL,
    created_at      BIGINT NOT NULL,
    updated_at      BIGINT NOT NULL
);

CREATE UNIQUE INDEX notification_name ON notification (workspace, name);

-- What happened, written in the transaction in which it happened.
CREATE TABLE notification_event (
    id        TEXT   PRIMARY KEY,
    workspace TEXT   NOT NULL REFERENCES workspace (id) ON DELETE CASCADE,
    type      TEXT   NOT NULL,
    subject   TEXT   NOT NULL, -- what repeated events have in common, such as a dataset
    ref       TEXT   NOT NULL, -- what the event is about: it is recorded once
    content   TEXT   NOT NULL, -- JSON
    at        BIGINT NOT NULL
);

CREATE UNIQUE INDEX notification_event_ref ON notification_event (workspace, type, ref);

CREATE INDEX notification_event_subject ON notification_event (workspace, subject, at);

CREATE INDEX notification_event_at ON notification_event (at);

-- One event for one destination.
CREATE TABLE notification_delivery (
    id            TEXT   PRIMARY KEY,
    workspace     TEXT   NOT NULL REFERENCES workspace (id) ON DELETE CASCADE,
    destination   TEXT   NOT NULL REFERENCES notification (id) ON DELETE CASCADE,
    event         TEXT   NOT NULL REFERENCES notification_event (id) ON DELETE CASCADE,
    recipients    TEXT   NOT NULL, -- JSON: of an e-mail to others than the destination's; else empty
    left_out      BIGINT NOT NULL, -- events like it that were left out before
    state         TEXT   NOT NULL, -- waiting, sent, failed, left_out
    attempts      BIGINT NOT NULL,
    next_at       BIGINT NOT NULL,
    claim         TEXT   NOT NULL,
    claimed_until BIGINT NOT NULL,
    status        BIGINT NOT NULL, -- of the last answer; 0: none
    answer        TEXT   NOT NULL,
    fault         TEXT   NOT NULL,
    attempted_at  BIGINT NOT NULL,
    created_at    BIGINT NOT NULL,
    ended_at      BIGINT NOT NULL
);

CREATE INDEX notification_delivery_destination ON notification_delivery (destination, id);

CREATE INDEX notification_delivery_event ON notification_delivery (event);

CREATE INDEX notification_delivery_due ON notification_delivery (next_at) WHERE state = 'waiting';

CREATE INDEX notification_delivery_waiting ON notification_delivery (workspace) WHERE state = 'waiting';

-- Since when events like one that was sent are left out, so that repeated ones
-- don't flood people.
CREATE TABLE notification_pause (
    destination TEXT   NOT NULL REFERENCES notification (id) ON DELETE CASCADE,
    subject     TEXT   NOT NULL, -- type and subject of the event
    until       BIGINT NOT NULL,
    length      BIGINT NOT NULL, -- microseconds
    left_out    BIGINT NOT NULL,
    PRIMARY KEY (destination, subject)
);

CREATE INDEX load_feed_ended ON load (feed, ended_at) WHERE ended_at <> 0;
