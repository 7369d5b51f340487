-- +goose Up
ALTER TABLE integration ADD COLUMN webhook_url TEXT NOT NULL DEFAULT ''; -- told when its state turns; empty: nobody
