-- What people share. Owner: package posts.
-- +goose Up
-- Authors, communities and parents are blanked, never removed, so that these references
-- are not checked: it would lock the row of a community for each post that it takes in.
CREATE TABLE posts (
    id         bigint PRIMARY KEY,                  -- 63 bits: 42 of milliseconds (min of published and arrival), 21 random; public
    iri        text   NOT NULL UNIQUE,
    author     bigint NOT NULL,
    local      boolean NOT NULL,
    community  bigint,                              -- the Group it belongs to, ours or theirs
    parent     bigint,
    parent_iri text   NOT NULL DEFAULT '',          -- inReplyTo, kept while the parent is not here
    root       bigint NOT NULL,                     -- first post of the thread: itself when none is known
    kind       text   NOT NULL DEFAULT 'discussion' CHECK (kind IN ('news', 'discussion', 'question', 'call')),
    scope      text   NOT NULL CHECK (scope IN ('public', 'unlisted', 'members', 'animators', 'direct')),
    title      text   NOT NULL DEFAULT '',
    content    text   NOT NULL,                     -- safe HTML
    source     text   NOT NULL DEFAULT '',          -- Markdown, ours
    summary    text   NOT NULL DEFAULT '',          -- content warning
    sensitive  boolean NOT NULL DEFAULT false,
    language   text   NOT NULL DEFAULT '',
    url        text   NOT NULL DEFAULT '',
    context    text   NOT NULL DEFAULT '',          -- theirs, copied unchanged on replies
    published  timestamptz NOT NULL,
    updated    timestamptz,
    arrived_at timestamptz NOT NULL,
    announced  boolean NOT NULL DEFAULT false,      -- the community let it in
    deleted_at timestamptz,
    document   bytea                                -- theirs: the activity that brought it, or the post as fetched
);
CREATE INDEX posts_community ON posts (community, id DESC) WHERE community IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX posts_author ON posts (author, id DESC);
CREATE INDEX posts_root ON posts (root, id);
CREATE INDEX posts_orphans ON posts (parent_iri) WHERE parent IS NULL AND parent_iri <> '';

CREATE TABLE post_mentions (
    post bigint NOT NULL REFERENCES posts,
    who  bigint NOT NULL REFERENCES actors,
    PRIMARY KEY (post, who)
);
CREATE INDEX post_mentions_who ON post_mentions (who);

CREATE TABLE post_versions (
    post    bigint NOT NULL REFERENCES posts,
    at      timestamptz NOT NULL,                   -- when it was written so: its updated, or published
    title   text NOT NULL,
    content text NOT NULL,
    source  text NOT NULL,
    PRIMARY KEY (post, at)
);

CREATE TABLE likes (
    post     bigint NOT NULL REFERENCES posts,
    who      bigint NOT NULL REFERENCES actors,
    iri      text   NOT NULL,
    reported bigint,                                -- the Group on whose word we have it; NULL: its author's own
    at       timestamptz NOT NULL,
    PRIMARY KEY (post, who)
);
CREATE INDEX likes_iri ON likes (iri);

-- Likes that came before their post; they move to likes when it comes.
CREATE TABLE early_likes (
    post     text   NOT NULL,                       -- IRI
    who      bigint NOT NULL REFERENCES actors,
    iri      text   NOT NULL,
    reported bigint,
    activity bytea,                                 -- as its author sent it, for a community of ours to announce
    at       timestamptz NOT NULL,
    PRIMARY KEY (post, who)
);
CREATE INDEX early_likes_at ON early_likes (at);

-- Deleted before it came, or after: what stands here never comes back.
CREATE TABLE tombstones (
    iri text PRIMARY KEY,
    at  timestamptz NOT NULL
);
