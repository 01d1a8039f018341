-- What is said of posts besides what they say: marks of their community, votes, quotes. Owner: package posts.
-- +goose Up

-- Whether a community features, locks or has taken away a post. It counts while the post belongs to that
-- community, so that it may come before the post, and from whom it does not concern it changes nothing.
CREATE TABLE post_marks (
    post      text   NOT NULL,                      -- IRI
    community bigint NOT NULL REFERENCES actors,
    mark      text   NOT NULL CHECK (mark IN ('featured', 'locked', 'removed', 'withdrawn')),
    holds     boolean NOT NULL,
    reason    text   NOT NULL DEFAULT '',
    said_at   timestamptz NOT NULL,
    PRIMARY KEY (post, community, mark)
);
CREATE INDEX post_marks_featured ON post_marks (community) WHERE mark = 'featured' AND holds;

ALTER TABLE likes ADD COLUMN emoji text NOT NULL DEFAULT '';
ALTER TABLE early_likes ADD COLUMN emoji text NOT NULL DEFAULT '';

-- Votes against a post, as Lemmy and PieFed have them. Nothing shows them; who votes so does not like it.
CREATE TABLE dislikes (
    post     bigint NOT NULL REFERENCES posts,
    who      bigint NOT NULL REFERENCES actors,
    iri      text   NOT NULL,
    reported bigint,                                -- the Group on whose word we have it; NULL: its author's own
    at       timestamptz NOT NULL,
    PRIMARY KEY (post, who)
);

-- What a post of others asks, and how many chose what, as its server last counted.
CREATE TABLE polls (
    post     bigint  PRIMARY KEY REFERENCES posts,
    multiple boolean NOT NULL,
    options  text[]  NOT NULL,
    votes    int[]   NOT NULL,
    voters   int     NOT NULL,
    ends_at  timestamptz
);

-- Leave that a post elsewhere has to quote one of ours (FEP-044f).
CREATE TABLE quotes (
    id      bigint PRIMARY KEY,
    post    bigint NOT NULL REFERENCES posts,
    quoting text   NOT NULL,                        -- IRI
    at      timestamptz NOT NULL,
    UNIQUE (post, quoting)
);
