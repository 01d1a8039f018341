-- Servers from which somebody of ours wants to read nothing. Owner: package access.
-- +goose Up

CREATE TABLE host_mutes (
    muter bigint NOT NULL REFERENCES actors,
    host  bigint NOT NULL REFERENCES hosts,
    since timestamptz NOT NULL,
    PRIMARY KEY (muter, host)
);
