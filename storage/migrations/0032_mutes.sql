-- Whom a reader does not want to see; nobody else is told. Owner: package access.
-- +goose Up
CREATE TABLE mutes (
    muter bigint NOT NULL REFERENCES actors,
    muted bigint NOT NULL REFERENCES actors,
    since timestamptz NOT NULL,
    PRIMARY KEY (muter, muted)
);
CREATE INDEX mutes_muted ON mutes (muted);
