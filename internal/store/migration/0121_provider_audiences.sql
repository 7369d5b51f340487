-- +goose Up
ALTER TABLE provider ADD COLUMN multiple_audiences INTEGER NOT NULL DEFAULT 0; -- 1: tokens may have more than one audience
