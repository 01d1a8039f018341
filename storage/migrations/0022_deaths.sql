-- What ends the process that works on it is left alone after a few times.
-- +goose Up

-- How often, one time after another, whoever had it never gave it back. Owner: package inbox.
ALTER TABLE inbox_queue ADD COLUMN deaths smallint NOT NULL DEFAULT 0;

-- Likewise. Owner: package jobs.
ALTER TABLE jobs ADD COLUMN deaths smallint NOT NULL DEFAULT 0;

-- How often it was begun to be decoded and nobody said how that ended. Owner: package media.
ALTER TABLE copies ADD COLUMN deaths smallint NOT NULL DEFAULT 0;
