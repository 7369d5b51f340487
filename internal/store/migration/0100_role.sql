-- +goose Up
-- Roles are viewer, editor, admin and owner; "user" was the name of editor.
UPDATE member SET role = 'editor' WHERE role = 'user';
