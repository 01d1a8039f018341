-- The life of a community of ours: who owns it, whether it is archived, what its people are told. Owner: package communities.
-- +goose Up

-- Each has an owner who lives here: where there was none, whoever animates it longest.
UPDATE memberships m
SET role = 'owner'
FROM (
    SELECT DISTINCT ON (o.community) o.community, o.who
    FROM memberships o
    JOIN communities c ON c.actor = o.community
    JOIN actors a ON a.id = o.who
    WHERE o.role = 'animator'
        AND a.host IS NULL
        AND a.gone_at IS NULL
        AND NOT EXISTS (SELECT FROM memberships w WHERE w.community = o.community AND w.role = 'owner')
    ORDER BY o.community, o.since, o.who) AS eldest
WHERE m.community = eldest.community AND m.who = eldest.who;

-- Archived: it is only read. A server of the version before goes on taking posts in.
ALTER TABLE communities ADD COLUMN archived_at timestamptz;

-- What a member of ours is told of a community, until they have read it.
CREATE TABLE community_notices (
    who       bigint NOT NULL REFERENCES actors,
    community bigint NOT NULL,
    kind      text   NOT NULL,                      -- closed, opened, deleted, archived, reopened, role
    words     text   NOT NULL DEFAULT '',           -- the title of what is no more; the role
    at        timestamptz NOT NULL,
    PRIMARY KEY (who, community, kind)
);
CREATE INDEX community_notices_at ON community_notices (at);
