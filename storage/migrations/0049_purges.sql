-- Servers forget what is for members once none of them lives there. Owners: packages communities, posts.
-- +goose Up

-- Which servers a community of ours asked to forget what they hold of it. A server of the version before asks nobody.
CREATE TABLE purges (
    community       bigint NOT NULL REFERENCES communities,
    host            bigint NOT NULL REFERENCES hosts,
    activity        text   NOT NULL,                 -- IRI of the request, which its answer names
    asked_at        timestamptz NOT NULL,
    acknowledged_at timestamptz,                     -- it says that it did
    PRIMARY KEY (community, host)
);
CREATE INDEX purges_activity ON purges (activity);

-- What was here of a community elsewhere that asked us to forget it. Unlike what was deleted it may come again, with a member.
CREATE TABLE purged_posts (
    iri text PRIMARY KEY,
    at  timestamptz NOT NULL
);
CREATE INDEX purged_posts_at ON purged_posts (at);
