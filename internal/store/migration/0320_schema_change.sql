-- +goose Up
-- How often a dataset's schema changed: whoever changes it names the version that
-- the change builds on.
ALTER TABLE dataset ADD COLUMN schema_version BIGINT NOT NULL DEFAULT 1;

-- The schema that the rows are read with: its layout, which grows with each change
-- by a person.
ALTER TABLE rows_dataset ADD COLUMN layout BIGINT NOT NULL DEFAULT 0;

-- Changes of schemas by persons.
CREATE TABLE schema_change (
    id         TEXT   PRIMARY KEY,
    workspace  TEXT   NOT NULL,
    dataset    TEXT   NOT NULL REFERENCES dataset (id) ON DELETE CASCADE,
    version    BIGINT NOT NULL, -- of the schema after the change
    apply      TEXT   NOT NULL, -- leave, convert, reload
    operations TEXT   NOT NULL, -- [{"op","name",…}]
    report     TEXT   NOT NULL, -- what became of the rows, as a dry run says it
    load       TEXT   NOT NULL, -- that has the rejected rows; empty: none
    made_by    TEXT   NOT NULL, -- actor ID
    made_at    BIGINT NOT NULL
);

CREATE INDEX schema_change_dataset ON schema_change (dataset, id);

-- What a load is: load, or change, which has the rows that a change of a schema
-- rejected.
ALTER TABLE load ADD COLUMN kind TEXT NOT NULL DEFAULT 'load';
