-- Links that make a member of whoever opens them. Owner: package communities.
-- +goose Up
CREATE TABLE invitation_links (
    id         bigint PRIMARY KEY,
    community  bigint NOT NULL REFERENCES communities,
    digest     bytea NOT NULL UNIQUE,              -- SHA-256 of what the link holds: the link itself is kept nowhere
    label      text NOT NULL DEFAULT '',
    most       integer NOT NULL CHECK (most > 0),  -- people
    used       integer NOT NULL DEFAULT 0 CHECK (used <= most),
    by         bigint NOT NULL REFERENCES actors,
    at         timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX invitation_links_community ON invitation_links (community, id DESC);
