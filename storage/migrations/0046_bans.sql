-- Whom a community of ours keeps out, and what those who animate it note. Owner: package communities.
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

-- What those who animate a community tell each other of somebody.
CREATE TABLE animators_notes (
    id        bigint PRIMARY KEY,
    community bigint NOT NULL REFERENCES communities,
    about     bigint NOT NULL REFERENCES actors,
    by        bigint NOT NULL REFERENCES actors,
    words     text NOT NULL,
    at        timestamptz NOT NULL
);
CREATE INDEX animators_notes_about ON animators_notes (about, community, id);
CREATE INDEX animators_notes_by ON animators_notes (by);
