-- What was damaged where it lay is not sent: owner: package outbox.
-- +goose Up
ALTER TABLE activities ADD COLUMN digest bytea; -- SHA-256 of the body; NULL: of a program before this one
