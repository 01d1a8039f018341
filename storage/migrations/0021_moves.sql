-- Who elsewhere moved lately: nobody moves on, or elsewhere, within a week. Owner: package accounts.
-- +goose Up
CREATE TABLE moves (
    actor  bigint PRIMARY KEY REFERENCES actors,
    target bigint NOT NULL REFERENCES actors,
    at     timestamptz NOT NULL
);
CREATE INDEX moves_target ON moves (target);
