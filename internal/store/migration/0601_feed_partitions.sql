-- +goose Up
-- Feeds that there were keep the columns that they have: new feeds read partitions
-- from keys.
UPDATE feed SET settings = '{"partitions":"off"}' WHERE settings = '{}';

UPDATE feed SET settings = '{"partitions":"off",' || substr(settings, 2) WHERE settings NOT LIKE '%"partitions"%';
