-- The people who sign in here. Owner: package accounts (sessions: package web).
-- +goose Up
CREATE TABLE members (
    actor      bigint PRIMARY KEY REFERENCES actors,
    email      text NOT NULL,
    password   text NOT NULL,                       -- argon2id, PHC string
    language   text NOT NULL DEFAULT 'fr',
    admin      boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX members_email ON members (lower(email));

CREATE TABLE tokens (
    hash       bytea PRIMARY KEY,                   -- SHA-256 of the secret
    member     bigint NOT NULL REFERENCES members,
    label      text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL,
    expires_at timestamptz
);
CREATE INDEX tokens_member ON tokens (member);

-- Failed sign-ins, counted here so that several processes share one limit.
CREATE TABLE sign_in_failures (
    subject text NOT NULL,                          -- login name, or address of the visitor
    at      timestamptz NOT NULL
);
CREATE INDEX sign_in_failures_subject ON sign_in_failures (subject, at);

CREATE TABLE sessions (
    token  text PRIMARY KEY,
    data   bytea NOT NULL,
    expiry timestamptz NOT NULL
);
CREATE INDEX sessions_expiry ON sessions (expiry);
