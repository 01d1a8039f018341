-- Pictures of other servers: which there are, and our copies of them.
-- +goose Up

-- Where the banner of an actor elsewhere is. Owner: package actors.
ALTER TABLE actors ADD COLUMN banner text NOT NULL DEFAULT '';

-- The pictures that come with a post. Owner: package posts.
CREATE TABLE pictures (
    post   bigint   NOT NULL REFERENCES posts,
    place  smallint NOT NULL,                     -- in the post, from 0
    url    text     NOT NULL,
    alt    text     NOT NULL,                     -- what it shows, in words
    tint   text     NOT NULL,                     -- its colour while it is not there; '' unknown
    width  integer  NOT NULL,                     -- as they say it; 0 unknown
    height integer  NOT NULL,
    PRIMARY KEY (post, place)
);

-- What was made of pictures elsewhere, or that nothing could be. The files are a cache:
-- a row without its file is as good as none. Owner: package media.
CREATE TABLE copies (
    kind     text     NOT NULL CHECK (kind IN ('avatar', 'banner', 'picture')),
    owner    bigint   NOT NULL,                   -- actor or post
    place    smallint NOT NULL DEFAULT 0,
    url      text     NOT NULL,                   -- where it came from; another one there: the copy is old
    hosts    text[]   NOT NULL,                   -- of the address and of the owner: one suspended, and it goes
    file     text     NOT NULL DEFAULT '',        -- its SHA-256, which is its name; '' it could not be had
    type     text     NOT NULL DEFAULT '',
    tint     text     NOT NULL DEFAULT '',
    size     bigint   NOT NULL DEFAULT 0,
    away     boolean  NOT NULL DEFAULT false,     -- its server did not answer, rather than answered badly
    failures smallint NOT NULL DEFAULT 0,
    again_at timestamptz,                         -- when to try once more; NULL: it is here
    used_at  timestamptz NOT NULL,                -- to the day
    PRIMARY KEY (kind, owner, place)
);
CREATE INDEX copies_used ON copies (used_at);
CREATE INDEX copies_file ON copies (file) WHERE file <> '';
