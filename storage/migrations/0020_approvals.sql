-- Where it stands that the author of what a reply of ours answers allowed it; '' nobody said so.
-- +goose Up
ALTER TABLE posts ADD COLUMN approved_by text NOT NULL DEFAULT '';
