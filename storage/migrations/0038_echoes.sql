-- What a community tells one member elsewhere, whose software shows nothing that is for members, and what it tells in
-- the name of who cannot prove what they wrote. Owners: posts; outbox; communities.
-- +goose Up
CREATE TABLE echoes (
    id       bigint PRIMARY KEY,                    -- in its address
    post     bigint NOT NULL REFERENCES posts,
    who      bigint REFERENCES actors,              -- whom it is for; NULL: the servers of all members
    at       timestamptz NOT NULL,
    ended_at timestamptz                            -- when it was told that there is nothing any more
);
CREATE UNIQUE INDEX echoes_post ON echoes (post, who) NULLS NOT DISTINCT;
CREATE INDEX echoes_who ON echoes (who) WHERE who IS NOT NULL;

-- Who alone may read it, of the members of members_of; NULL: all of them.
ALTER TABLE activities ADD COLUMN only_for bigint;
-- Echoes hold what the post says, and not only a link to it.
ALTER TABLE communities ADD COLUMN echoes_whole boolean NOT NULL DEFAULT false;
