-- Polls of ours, and who chose what. Owner: package posts.
-- +goose Up

-- Of a poll of ours counts stand in poll_votes alone; votes and voters are what other servers counted.
ALTER TABLE polls ADD COLUMN hide_totals boolean NOT NULL DEFAULT false;

-- Of polls of ours all votes, of others those of our members. Nothing shows who voted.
CREATE TABLE poll_votes (
    post   bigint   NOT NULL REFERENCES posts,
    who    bigint   NOT NULL REFERENCES actors,
    choice smallint NOT NULL,                       -- among the options, from 0
    iri    text     NOT NULL DEFAULT '',            -- of what we sent
    at     timestamptz NOT NULL,
    PRIMARY KEY (post, who, choice)
);
CREATE INDEX poll_votes_who ON poll_votes (who);
