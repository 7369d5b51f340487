-- +goose Up
-- What an integration is for besides reading is verified by itself: parts is JSON by
-- part, {"vending": {"state": "verified", "reason": ""}}. read_revision is that of the
-- last change that reading depends on. previous_external_id is that of the last
-- rotation, until the role is known to refuse it.
ALTER TABLE integration ADD COLUMN parts TEXT NOT NULL DEFAULT '{}';
ALTER TABLE integration ADD COLUMN read_revision BIGINT NOT NULL DEFAULT 0;
ALTER TABLE integration ADD COLUMN previous_external_id TEXT NOT NULL DEFAULT '';
UPDATE integration SET read_revision = revision;
UPDATE integration SET parts = '{"vending":{"state":"' || state || '"}}' WHERE vending <> 0 AND access <> 'readwrite';
UPDATE integration SET parts = '{"write":{"state":"' || state || '"}}' WHERE vending = 0 AND access = 'readwrite';
UPDATE integration SET parts = '{"write":{"state":"' || state || '"},"vending":{"state":"' || state || '"}}'
    WHERE vending <> 0 AND access = 'readwrite';
