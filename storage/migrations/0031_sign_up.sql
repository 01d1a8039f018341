-- How people come to an account, and what they may do with it. Owner: package accounts.
-- +goose Up

-- What administrators set on the site.
CREATE TABLE settings (
    name  text PRIMARY KEY,
    value text NOT NULL,
    at    timestamptz NOT NULL
);

-- A link that lets a number of people sign up.
CREATE TABLE sign_up_invitations (
    id         bigint PRIMARY KEY,
    label      text NOT NULL DEFAULT '',
    most       int NOT NULL CHECK (most > 0),
    used       int NOT NULL DEFAULT 0 CHECK (used >= 0 AND used <= most),
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);

-- Who asked for an account, and is nobody yet: no actor, no member.
CREATE TABLE sign_ups (
    id           bigint PRIMARY KEY,
    name         text NOT NULL,
    email        text NOT NULL,
    title        text NOT NULL DEFAULT '',
    language     text NOT NULL,
    password     text NOT NULL,                     -- argon2id, PHC string
    words        text NOT NULL DEFAULT '',          -- to whoever decides
    invitation   bigint REFERENCES sign_up_invitations,
    created_at   timestamptz NOT NULL,
    confirmed_at timestamptz,                       -- the address; then it waits for an answer
    declined_at  timestamptz,
    answer       text NOT NULL DEFAULT ''           -- the word that goes with a no
);
CREATE UNIQUE INDEX sign_ups_name ON sign_ups (name) WHERE declined_at IS NULL;
CREATE INDEX sign_ups_email ON sign_ups (lower(email));
CREATE INDEX sign_ups_created ON sign_ups (created_at);
CREATE INDEX sign_ups_invitation ON sign_ups (invitation) WHERE invitation IS NOT NULL;

-- Who asked for a new password, whether or not anybody has such an address.
CREATE TABLE resets (
    id         bigint PRIMARY KEY,
    email      text NOT NULL,
    created_at timestamptz NOT NULL,
    used_at    timestamptz
);
CREATE INDEX resets_email ON resets (lower(email));

-- What is limited, counted here so that several processes share one limit.
CREATE TABLE tries (
    subject text NOT NULL,
    at      timestamptz NOT NULL
);
CREATE INDEX tries_subject ON tries (subject, at);
CREATE INDEX tries_at ON tries (at);

-- Who is signed in with which device.
CREATE TABLE sign_ins (
    id         bigint PRIMARY KEY,
    member     bigint NOT NULL REFERENCES members ON DELETE CASCADE,
    device     text NOT NULL DEFAULT '',            -- in words, made from what the browser says
    address    text NOT NULL DEFAULT '',            -- of the visitor
    created_at timestamptz NOT NULL,
    used_at    timestamptz NOT NULL
);
CREATE INDEX sign_ins_member ON sign_ins (member);
CREATE INDEX sign_ins_created ON sign_ins (created_at);
