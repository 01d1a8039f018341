-- What a ruling is about besides a post and a person: a theme, a role, a server. Owner: package communities.
-- +goose Up
ALTER TABLE rulings
    ADD COLUMN words text NOT NULL DEFAULT '';
