-- What posts quote, and who lets theirs be quoted. Owner: package posts.
-- +goose Up

-- Who may quote a post, as its author says: 'public', 'followers' or 'nobody'. '' is not said: of ours,
-- everybody what is public; of others, nobody.
ALTER TABLE posts ADD COLUMN quotable text NOT NULL DEFAULT '';

-- A post quotes one other at most, which need not be here.
CREATE TABLE quotations (
    post    bigint PRIMARY KEY REFERENCES posts ON DELETE CASCADE, -- that quotes; a program before this one deletes posts too
    quoted  text   NOT NULL,                        -- IRI
    state   text   NOT NULL CHECK (state IN ('pending', 'accepted', 'rejected', 'revoked')),
    leave   text   NOT NULL DEFAULT '',             -- address of what allows it, once that was verified
    request text   NOT NULL DEFAULT '',             -- IRI of our QuoteRequest
    at      timestamptz NOT NULL
);
CREATE INDEX quotations_quoted ON quotations (quoted, post);
CREATE INDEX quotations_leave ON quotations (leave) WHERE leave <> '';
CREATE INDEX quotations_request ON quotations (request) WHERE request <> '';

-- Leave to quote that was taken back is remembered, so that it is not given again unasked.
ALTER TABLE quotes ADD COLUMN ended_at timestamptz;
