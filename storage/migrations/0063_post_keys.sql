-- Keys that apps send with what they write, so that what they send twice is written once. Owner: package posts.
-- +goose Up

CREATE TABLE post_keys (
    who  bigint NOT NULL,               -- who writes
    sum  bytea  NOT NULL,               -- SHA-256 of the key, which may be as long as it likes
    made bigint NOT NULL,               -- the post
    at   timestamptz NOT NULL,
    PRIMARY KEY (who, sum)
);
CREATE INDEX post_keys_at ON post_keys (at);
