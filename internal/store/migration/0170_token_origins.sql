-- +goose Up
-- Which web pages may use a publishable token. Tokens from before could be used by every page.
ALTER TABLE token ADD COLUMN origins TEXT NOT NULL DEFAULT '["*"]';
ALTER TABLE token ADD COLUMN referers TEXT NOT NULL DEFAULT '[]';

UPDATE token SET origins = '[]' WHERE kind <> 'publishable';
