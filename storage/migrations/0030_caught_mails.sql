-- Mails of a server that is only tried out: they stay here. Owner: package notifications.
-- +goose Up
CREATE TABLE caught_mails (
    id        bigint PRIMARY KEY,
    at        timestamptz NOT NULL,
    recipient text NOT NULL,
    subject   text NOT NULL,
    body      text NOT NULL
);
