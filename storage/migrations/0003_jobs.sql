-- Work for later that has no table of its own. Owner: package jobs.
-- +goose Up
CREATE TABLE jobs (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind        text  NOT NULL,
    key         text  NOT NULL,                     -- one waiting job per (kind, key)
    payload     bytea NOT NULL DEFAULT '',
    due_at      timestamptz NOT NULL,
    attempts    int   NOT NULL DEFAULT 0,
    rung_until  timestamptz,
    lease_until timestamptz,
    lease       bigint NOT NULL DEFAULT 0,          -- fencing token: grows with each lease
    dead_at     timestamptz,
    error       text  NOT NULL DEFAULT '',
    asks        int NOT NULL DEFAULT 1,             -- how often it was added: once more while it runs, it runs again
    first_due   timestamptz NOT NULL
);
CREATE UNIQUE INDEX jobs_key ON jobs (kind, key) WHERE dead_at IS NULL;
CREATE INDEX jobs_due ON jobs (due_at) WHERE dead_at IS NULL;
