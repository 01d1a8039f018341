-- What stands in the place of a picture until it is there. `tint`, one colour, was all that was
-- known of it; programs since this one leave it empty, and it can go when none older runs.
-- +goose Up
ALTER TABLE pictures
    ADD COLUMN blurhash text NOT NULL DEFAULT '', -- as its server says; '' unknown
    ALTER COLUMN tint SET DEFAULT '';
ALTER TABLE copies
    ADD COLUMN blurhash text NOT NULL DEFAULT '';
