-- Levels of access, across servers. Owners: actors, communities, outbox.
-- +goose Up

-- What a community elsewhere says of itself; '' nothing: it is as open as what comes of it. Ours: communities.access.
ALTER TABLE actors ADD COLUMN access text NOT NULL DEFAULT '' CHECK (access IN ('', 'open', 'members', 'confidential'));
ALTER TABLE actors ADD COLUMN members text NOT NULL DEFAULT '';    -- IRI of a community's collection of members

-- Our people are members of communities elsewhere too.
ALTER TABLE memberships DROP CONSTRAINT memberships_community_fkey;

-- The servers to which a confidential community of ours shows itself.
CREATE TABLE community_hosts (
    community  bigint NOT NULL REFERENCES communities,
    host       bigint NOT NULL REFERENCES hosts,
    allowed_by bigint REFERENCES actors,
    since      timestamptz NOT NULL,
    PRIMARY KEY (community, host)
);

-- Who asks to be a member of a community of ours, and in what words; and of ours, of a
-- community elsewhere.
CREATE TABLE join_requests (
    community bigint NOT NULL,
    who       bigint NOT NULL REFERENCES actors,
    words     text   NOT NULL DEFAULT '',
    activity  bytea,                                -- the Follow or Join that asked; NULL: on our site
    asked_at  timestamptz NOT NULL,
    PRIMARY KEY (community, who)
);
CREATE INDEX join_requests_who ON join_requests (who);

-- Whom a community invites: ours anybody, those elsewhere ours.
CREATE TABLE invitations (
    community bigint NOT NULL,
    who       bigint NOT NULL REFERENCES actors,
    by        bigint REFERENCES actors,
    at        timestamptz NOT NULL,
    PRIMARY KEY (community, who)
);
CREATE INDEX invitations_who ON invitations (who);

-- Who was a member, so that what is deleted is told also to who was sent it.
CREATE TABLE former_members (
    community bigint NOT NULL REFERENCES communities,
    who       bigint NOT NULL REFERENCES actors,
    ended_at  timestamptz NOT NULL,
    PRIMARY KEY (community, who)
);

-- For whom an activity is: the members of a community; NULL: whoever it is sent to.
ALTER TABLE activities ADD COLUMN members_of bigint;
ALTER TABLE activities ADD COLUMN animators boolean NOT NULL DEFAULT false; -- of them, those who animate it
UPDATE actors
SET members = iri || '/members'
WHERE kind = 'group' AND host IS NULL;
