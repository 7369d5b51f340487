-- +goose Up
-- reads of the last minutes, before their summary is in the chain
CREATE TABLE audit_read (
    minute             BIGINT NOT NULL, -- its start
    workspace          TEXT   NOT NULL, -- whose chain the summary goes to
    actor_kind         TEXT   NOT NULL,
    actor_id           TEXT   NOT NULL,
    actor_name         TEXT   NOT NULL,
    token              TEXT   NOT NULL, -- empty in a session
    resource_workspace TEXT   NOT NULL,
    resource_kind      TEXT   NOT NULL,
    resource_id        TEXT   NOT NULL,
    reason             TEXT   NOT NULL, -- the rule that decided
    reads              BIGINT NOT NULL,
    rows               BIGINT NOT NULL,
    bytes              BIGINT NOT NULL,
    PRIMARY KEY (minute, workspace, actor_kind, actor_id, actor_name, token, resource_workspace, resource_kind,
        resource_id, reason)
);

-- parts of chains that were moved to files
CREATE TABLE audit_archive (
    workspace   TEXT   NOT NULL,
    first       BIGINT NOT NULL, -- numbers of the first and the last entry
    last        BIGINT NOT NULL,
    before      TEXT   NOT NULL, -- hash before the first entry; empty at the start of the chain
    hash        TEXT   NOT NULL, -- of the last entry
    file        TEXT   NOT NULL, -- path in the folder of archives
    sha256      TEXT   NOT NULL, -- of the file
    bytes       BIGINT NOT NULL,
    archived_at BIGINT NOT NULL,
    PRIMARY KEY (workspace, first)
);
