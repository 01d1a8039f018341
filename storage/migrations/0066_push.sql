-- Where the apps of members are told of what happens while they are not open. Owner: package push.
-- +goose Up
CREATE TABLE push_subscriptions (
    id       bigint PRIMARY KEY,
    token    bigint NOT NULL UNIQUE REFERENCES app_tokens (id) ON DELETE CASCADE, -- it ends with the app's token
    member   bigint NOT NULL REFERENCES members ON DELETE CASCADE,
    endpoint text   NOT NULL,                       -- of the push service; whoever knows it may send there
    p256dh   bytea  NOT NULL,                       -- public key of the app, uncompressed
    auth     bytea  NOT NULL,                       -- secret that the app and we share
    alerts   text[] NOT NULL,                       -- types of notifications, as apps call them
    policy   text   NOT NULL CHECK (policy IN ('all', 'followed', 'follower', 'none')), -- from whom
    at       timestamptz NOT NULL
);
CREATE INDEX push_subscriptions_member ON push_subscriptions (member);
