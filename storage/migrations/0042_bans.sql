-- Whom a community of ours keeps out. Owner: package communities.
-- +goose Up
CREATE TABLE bans (
    community bigint NOT NULL REFERENCES communities,
    who       bigint NOT NULL REFERENCES actors,
    by        bigint NOT NULL REFERENCES actors,   -- who animates it, here or elsewhere
    reason    text NOT NULL,
    since     timestamptz NOT NULL,
    until     timestamptz,                         -- NULL: without end
    activity  text NOT NULL,                       -- IRI of the Block
    removed   boolean NOT NULL,                    -- what they wrote was taken away too
    PRIMARY KEY (community, who)
);
CREATE INDEX bans_who ON bans (who);

-- Until when what was ruled holds; NULL: without end, or it is no matter of time.
ALTER TABLE rulings ADD COLUMN until timestamptz;
