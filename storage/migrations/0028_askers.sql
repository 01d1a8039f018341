-- Who asked for the leave to quote a post of ours, to be told that it ends; NULL of before.
-- +goose Up
ALTER TABLE quotes ADD COLUMN asked_by bigint REFERENCES actors;
