-- When a member was told that what they publish leaves the server; NULL: not yet. Owner: package accounts.
-- +goose Up
ALTER TABLE members ADD COLUMN told_at timestamptz;
