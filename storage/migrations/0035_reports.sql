-- Reports are for those whose task it is to settle them. Owners: packages moderation, posts.
-- +goose Up
ALTER TABLE reports
    ADD COLUMN community  bigint,                          -- of ours, whose animators are asked; NULL: none
    ADD COLUMN to_server  boolean NOT NULL DEFAULT true,   -- the administrators are asked
    ADD COLUMN person     bigint,                          -- about whom it is, who does not settle it; NULL: nobody known
    ADD COLUMN forwarded  boolean NOT NULL DEFAULT false,  -- to the server of that person, or of the community
    ADD COLUMN settled_at timestamptz,
    ADD COLUMN settled_by bigint,                          -- NULL: from the command line
    ADD COLUMN answer     text NOT NULL DEFAULT '';

-- What a post said when it was reported, whatever its author makes of it; gone with its deletion.
CREATE TABLE reported_words (
    post    bigint NOT NULL REFERENCES posts,
    at      timestamptz NOT NULL,                          -- since when it read so
    kept_at timestamptz NOT NULL,
    title   text NOT NULL,
    content text NOT NULL,
    summary text NOT NULL,
    PRIMARY KEY (post, at)
);
