-- More can be decided about a server than to talk with it no more. Owner: package access.
-- +goose Up
ALTER TABLE host_policies
    DROP CONSTRAINT host_policies_policy_check,
    ADD CONSTRAINT host_policies_policy_check CHECK (policy IN ('suspended', 'silenced', 'none')),
    ADD COLUMN reject_media boolean NOT NULL DEFAULT false, -- none of its pictures is fetched or shown
    ADD COLUMN listed       boolean NOT NULL DEFAULT false; -- talked to where only those that are listed are

-- Whether only servers that are listed are talked to: one row at most.
CREATE TABLE host_mode (
    one         boolean PRIMARY KEY DEFAULT true CHECK (one),
    listed_only boolean NOT NULL,
    since       timestamptz NOT NULL
);

-- The names under which a policy applies to a server: its own, with and without its port, and every domain above it.
-- +goose StatementBegin
CREATE FUNCTION host_covered_by(name text) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN ARRAY(
    SELECT name
    UNION ALL
    SELECT array_to_string(labels[n:], '.')
    FROM string_to_array(split_part(name, ':', 1), '.') AS labels, generate_series(1, cardinality(labels)) AS n);
-- +goose StatementEnd

-- People whom an administrator suspended: what they wrote is shown to nobody, until they are restored.
CREATE TABLE suspensions (
    actor  bigint PRIMARY KEY REFERENCES actors,
    by     bigint REFERENCES actors,                -- NULL: from the command line
    reason text NOT NULL DEFAULT '',
    since  timestamptz NOT NULL
);
