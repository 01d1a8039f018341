-- +goose Up

-- What a community elsewhere said to be deleted on another server, and was not here. Its word is
-- not enough; but who asked that server before asks once more. Owner: package posts.
CREATE TABLE rumours (
    iri  text PRIMARY KEY,
    turn bigint GENERATED ALWAYS AS IDENTITY,     -- which came first, it or a question: clocks of processes differ
    at   timestamptz NOT NULL
);
CREATE INDEX rumours_at ON rumours USING brin (at);
