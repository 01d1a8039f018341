-- Keys of a member's devices that stand for the code of a second factor (WebAuthn). Owner: package accounts.
-- +goose Up

CREATE TABLE passkeys (
    id         bigint PRIMARY KEY,                  -- by which its owner ends it
    credential bytea NOT NULL UNIQUE,               -- the id that the device gave it
    member     bigint NOT NULL REFERENCES second_factors ON DELETE CASCADE,
    name       text NOT NULL,
    record     bytea NOT NULL,                      -- public key, counter and flags, in JSON
    made_at    timestamptz NOT NULL,
    used_at    timestamptz
);
CREATE INDEX passkeys_member ON passkeys (member);

-- Challenges that were answered: an answer is taken once.
CREATE TABLE answered_challenges (
    hash bytea PRIMARY KEY,                         -- SHA-256
    at   timestamptz NOT NULL
);
CREATE INDEX answered_challenges_at ON answered_challenges (at);
