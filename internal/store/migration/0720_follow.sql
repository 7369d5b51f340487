-- +goose Up

-- How far a token has read a dataset with a queryId.
CREATE TABLE query_cursor (
	token TEXT NOT NULL,
	name TEXT NOT NULL,
	dataset TEXT NOT NULL,
	path TEXT NOT NULL, -- hash of keys and subkeys
	state TEXT NOT NULL,
	used_at BIGINT NOT NULL,
	PRIMARY KEY (token, name, dataset, path)
);
CREATE INDEX query_cursor_used ON query_cursor (used_at);

-- Commits that did more than add and replace rows, for those who follow changes.
CREATE TABLE rows_break (
	dataset TEXT NOT NULL,
	version BIGINT NOT NULL,
	kind TEXT NOT NULL,
	note TEXT NOT NULL,
	at BIGINT NOT NULL,
	PRIMARY KEY (dataset, version)
);
CREATE INDEX rows_break_at ON rows_break (at);

-- +goose Down
DROP TABLE rows_break;
DROP TABLE query_cursor;
