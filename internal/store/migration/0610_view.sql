-- +goose Up
-- A view is a dataset whose rows are those of a statement: it shares the names, the
-- lists and the tokens of datasets.
ALTER TABLE dataset ADD COLUMN view TEXT NOT NULL DEFAULT ''; -- {"sql","parameters","tables"}; empty: a dataset

-- The datasets and views that views name.
CREATE TABLE view_table (
    view     TEXT NOT NULL REFERENCES dataset (id) ON DELETE CASCADE,
    table_id TEXT NOT NULL,
    PRIMARY KEY (view, table_id)
);

CREATE INDEX view_table_of ON view_table (table_id);
