-- Programs that act for members, as they agreed to. Owner: package oauth.
-- +goose Up

CREATE TABLE apps (
    id         bigint PRIMARY KEY,
    client     text NOT NULL UNIQUE,                -- client_id
    secret     bytea NOT NULL,                      -- SHA-256 of client_secret
    name       text NOT NULL,
    website    text NOT NULL DEFAULT '',
    redirects  text[] NOT NULL,                     -- redirect_uris, each exactly as it has to come back
    scopes     text NOT NULL,                       -- the most it may ever ask for
    created_at timestamptz NOT NULL
);

-- What a member's consent gives: good once, for minutes. A used one stays for as long, so that
-- a second use is known.
CREATE TABLE app_codes (
    hash       bytea PRIMARY KEY,                   -- SHA-256 of the code
    app        bigint NOT NULL REFERENCES apps ON DELETE CASCADE,
    member     bigint NOT NULL REFERENCES members ON DELETE CASCADE,
    redirect   text NOT NULL,
    scopes     text NOT NULL,
    challenge  text NOT NULL DEFAULT '',            -- code_challenge, S256; '': none
    expires_at timestamptz NOT NULL,
    used_at    timestamptz,
    void       boolean NOT NULL DEFAULT false       -- used twice: what came of it is worth nothing
);
CREATE INDEX app_codes_expires ON app_codes (expires_at);
CREATE INDEX app_codes_member ON app_codes (member);
CREATE INDEX app_codes_app ON app_codes (app);

CREATE TABLE app_tokens (
    hash       bytea PRIMARY KEY,                   -- SHA-256 of access_token
    id         bigint NOT NULL UNIQUE,              -- by which its owner ends it
    app        bigint NOT NULL REFERENCES apps ON DELETE CASCADE,
    member     bigint REFERENCES members ON DELETE CASCADE, -- NULL: of the app itself
    scopes     text NOT NULL,
    code       bytea,                               -- of app_codes, with which it was had
    created_at timestamptz NOT NULL,
    used_at    timestamptz NOT NULL                 -- to ten minutes
);
CREATE INDEX app_tokens_member ON app_tokens (member);
CREATE INDEX app_tokens_app ON app_tokens (app);
CREATE INDEX app_tokens_code ON app_tokens (code);
