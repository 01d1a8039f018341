-- Files that members attach to posts. Owner: package media.
-- +goose Up

-- The bytes lie in the data folder, under the id. Owners and posts are blanked, never
-- removed, so that these references are not checked.
CREATE TABLE files (
    id       bigint   PRIMARY KEY,
    owner    bigint   NOT NULL,                  -- who attached it
    post     bigint,                             -- NULL: it still waits for one, some hours
    place    smallint NOT NULL DEFAULT 0,        -- in the post, from 0
    name     text     NOT NULL,                  -- as people see it
    type     text     NOT NULL,                  -- as its bytes tell it
    alt      text     NOT NULL DEFAULT '',       -- what a picture shows, in words
    blurhash text     NOT NULL DEFAULT '',
    width    integer  NOT NULL DEFAULT 0,        -- of a picture
    height   integer  NOT NULL DEFAULT 0,
    size     bigint   NOT NULL,
    sum      text     NOT NULL,                  -- SHA-256
    at       timestamptz NOT NULL
);
CREATE INDEX files_post ON files (post) WHERE post IS NOT NULL;
CREATE INDEX files_owner ON files (owner);
CREATE INDEX files_waiting ON files (at) WHERE post IS NULL;
