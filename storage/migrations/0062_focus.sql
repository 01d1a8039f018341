-- Which point of a picture is kept in sight where it is cut. Owner: package media.
-- +goose Up

-- From -1 to 1, from the left to the right and from below to above; the middle is what programs without
-- these columns leave.
ALTER TABLE files ADD COLUMN focus_x double precision NOT NULL DEFAULT 0,
    ADD COLUMN focus_y double precision NOT NULL DEFAULT 0;
