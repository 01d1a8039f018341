-- The pictures that people and communities of ours show of themselves. Owner: package media.
-- +goose Up
CREATE TABLE portraits (
    id      bigint PRIMARY KEY,                  -- stands in its address: another picture has another
    actor   bigint NOT NULL UNIQUE,
    type    text   NOT NULL,                     -- as it was written anew
    sum     text   NOT NULL,                     -- SHA-256
    content bytea  NOT NULL,                     -- small, and so in every backup
    at      timestamptz NOT NULL
);
