-- +goose Up
-- The integration that the platform's onboarding created, one of a workspace. A
-- removed one may be replaced.
CREATE TABLE integration_onboarding (
    workspace   TEXT PRIMARY KEY REFERENCES workspace (id),
    integration TEXT NOT NULL REFERENCES integration (id)
);
