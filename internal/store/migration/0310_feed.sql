-- +goose Up
-- A feed is one source that is loaded into one dataset.
CREATE TABLE feed (
    id         TEXT    PRIMARY KEY,
    workspace  TEXT    NOT NULL,
    source     TEXT    NOT NULL, -- ID
    dataset    TEXT    NOT NULL, -- name, also of a dataset that the first load creates
    folded     TEXT    NOT NULL, -- the name in lower case
    dataset_id TEXT    NOT NULL, -- empty until there is a dataset with the name
    settings   TEXT    NOT NULL, -- JSON; what is absent has its default
    version    BIGINT  NOT NULL,
    removed    INTEGER NOT NULL, -- 1: its dataset was removed, and can be restored
    made_by    TEXT    NOT NULL,
    created_at BIGINT  NOT NULL,
    updated_at BIGINT  NOT NULL
);

CREATE UNIQUE INDEX feed_pair ON feed (workspace, source, folded) WHERE removed = 0;

CREATE INDEX feed_dataset ON feed (dataset_id);

ALTER TABLE load ADD COLUMN feed TEXT NOT NULL DEFAULT '';

CREATE INDEX load_feed ON load (feed) WHERE ended_at = 0;

-- The feeds that there were without a name: of loads that found their dataset, then
-- of those that wait for one, then of schedules. Their IDs come from the first load
-- or schedule.
INSERT INTO feed (id, workspace, source, dataset, folded, dataset_id, settings, version, removed, made_by, created_at, updated_at)
    SELECT 'feed_' || substr(MIN(l.id), 6), l.workspace, l.source, d.name, d.folded, d.id, '{}', 1,
        CASE WHEN d.removed_at > 0 THEN 1 ELSE 0 END, MIN(l.made_by), MIN(l.created_at), MIN(l.created_at)
    FROM load l JOIN dataset d ON d.id = l.dataset_id JOIN source s ON s.id = l.source
    WHERE l.dry_run = 0
    GROUP BY l.workspace, l.source, d.name, d.folded, d.id, d.removed_at;

INSERT INTO feed (id, workspace, source, dataset, folded, dataset_id, settings, version, removed, made_by, created_at, updated_at)
    SELECT 'feed_' || substr(MIN(l.id), 6), l.workspace, l.source, MIN(l.dataset), lower(l.dataset), COALESCE(MIN(d.id), ''),
        '{}', 1, 0, MIN(l.made_by), MIN(l.created_at), MIN(l.created_at)
    FROM load l JOIN source s ON s.id = l.source
        LEFT JOIN dataset d ON d.workspace = l.workspace AND d.folded = lower(l.dataset) AND d.removed_at = 0
    WHERE l.dry_run = 0 AND l.dataset_id = '' AND l.ended_at = 0
        AND NOT EXISTS (SELECT 1 FROM feed f WHERE f.workspace = l.workspace AND f.source = l.source AND f.folded = lower(l.dataset)
            AND f.removed = 0)
    GROUP BY l.workspace, l.source, lower(l.dataset);

INSERT INTO feed (id, workspace, source, dataset, folded, dataset_id, settings, version, removed, made_by, created_at, updated_at)
    SELECT 'feed_' || substr(MIN(p.id), 7), p.workspace, p.source, MIN(p.dataset), p.folded, COALESCE(MIN(d.id), ''),
        '{}', 1, 0, MIN(p.made_by), MIN(p.created_at), MIN(p.created_at)
    FROM schedule p JOIN source s ON s.id = p.source
        LEFT JOIN dataset d ON d.workspace = p.workspace AND d.folded = p.folded AND d.removed_at = 0
    WHERE NOT EXISTS (SELECT 1 FROM feed f WHERE f.workspace = p.workspace AND f.source = p.source AND f.folded = p.folded
        AND f.removed = 0)
    GROUP BY p.workspace, p.source, p.folded;

UPDATE load SET feed = COALESCE((SELECT MIN(f.id) FROM feed f WHERE f.workspace = load.workspace AND f.source = load.source
    AND (f.dataset_id <> '' AND f.dataset_id = load.dataset_id
        OR load.dataset_id = '' AND load.ended_at = 0 AND f.folded = lower(load.dataset) AND f.removed = 0)), '')
    WHERE dry_run = 0;
