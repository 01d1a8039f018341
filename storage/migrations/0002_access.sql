-- Who may see what, and which servers we talk to. Owner: package access.
-- +goose Up
CREATE TABLE host_policies (
    host   text PRIMARY KEY,                        -- name; covers its subdomains
    policy text NOT NULL CHECK (policy IN ('suspended')),
    reason text NOT NULL DEFAULT '',
    since  timestamptz NOT NULL
);

CREATE TABLE blocks (
    blocker bigint NOT NULL REFERENCES actors,
    blocked bigint NOT NULL REFERENCES actors,
    since   timestamptz NOT NULL,
    PRIMARY KEY (blocker, blocked)
);
CREATE INDEX blocks_blocked ON blocks (blocked);
