-- +goose Up
-- Every token has a maker, in the column member. Tokens from before get the owner who joined first.
UPDATE token SET member = COALESCE((
    SELECT m.id FROM member m WHERE m.workspace = token.workspace AND m.role = 'owner' ORDER BY m.created_at, m.id LIMIT 1
), '') WHERE member = '';

-- Secret tokens could do everything in their workspace.
UPDATE token SET scopes = '[{"action":"data.read","dataset":"*"},{"action":"data.write","dataset":"*"},{"action":"data.delete","dataset":"*"},{"action":"data.query"},{"action":"load"},{"action":"manage"},{"action":"audit"}]'
    WHERE kind = 'secret' AND (scopes = '[]' OR scopes = 'null' OR scopes = '');

ALTER TABLE token ADD COLUMN parent TEXT NOT NULL DEFAULT ''; -- the secret token that created it; empty: a person did

CREATE INDEX token_member ON token (member);
CREATE INDEX token_parent ON token (parent) WHERE parent <> '';
