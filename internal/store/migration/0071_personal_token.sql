-- +goose Up
ALTER TABLE token ADD COLUMN member TEXT NOT NULL DEFAULT ''; -- whose it is, when kind is personal
