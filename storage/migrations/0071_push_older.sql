-- Apps that do not ask for the standard form of pushes read its draft alone.
-- +goose Up
ALTER TABLE push_subscriptions ADD COLUMN standard boolean NOT NULL DEFAULT true; -- false: aesgcm
