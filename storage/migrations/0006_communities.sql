-- Communities and who belongs to them. Owner: package communities.
-- +goose Up
CREATE TABLE communities (
    actor      bigint PRIMARY KEY REFERENCES actors,
    access     text NOT NULL CHECK (access IN ('open', 'members', 'confidential')),
    language   text NOT NULL DEFAULT 'fr',
    zone       text NOT NULL DEFAULT 'America/Toronto',
    created_by bigint REFERENCES actors,
    created_at timestamptz NOT NULL
);

CREATE TABLE memberships (
    community bigint NOT NULL REFERENCES communities,
    who       bigint NOT NULL REFERENCES actors,
    role      text   NOT NULL CHECK (role IN ('member', 'animator', 'owner')),
    since     timestamptz NOT NULL,
    PRIMARY KEY (community, who)
);
CREATE INDEX memberships_who ON memberships (who);
