-- +goose Up
-- The rejected rows of a load that another load accepted later: a bitmap of their
-- places in the order of the load's rejected rows.
CREATE TABLE rows_reject_resolved (
	load TEXT NOT NULL,
	resolver TEXT NOT NULL,
	dataset TEXT NOT NULL,
	places BYTEA NOT NULL,
	PRIMARY KEY (load, resolver)
);
CREATE INDEX rows_reject_resolved_dataset ON rows_reject_resolved (dataset);
