-- What leaves: activities, who waits for them, and how each host answers. Owner: package outbox.
-- +goose Up

-- The exact bytes that are sent.
CREATE TABLE activities (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    iri       text   NOT NULL UNIQUE,
    actor     bigint NOT NULL,
    type      text   NOT NULL,
    object    text   NOT NULL DEFAULT '',           -- IRI of what it is about
    body      bytea  NOT NULL,
    listed    boolean NOT NULL,                     -- stands in the actor's public outbox
    published timestamptz NOT NULL
);
CREATE INDEX activities_listed ON activities (actor, id DESC) WHERE listed;
CREATE INDEX activities_object ON activities (object);

-- One row for each inbox that waits. No foreign keys: a post can make thousands
-- of rows, and each check would cost more than the row.
CREATE TABLE deliveries (
    host       bigint   NOT NULL,
    activity   bigint   NOT NULL,
    inbox      bigint   NOT NULL,
    slot       smallint NOT NULL,                   -- hash of the thread, 0 to 63: order is kept within it
    attempts   smallint NOT NULL DEFAULT 0,
    not_before timestamptz,                         -- this row waits, and those of its inbox and slot with it
    PRIMARY KEY (host, activity, inbox)
) WITH (fillfactor = 90, autovacuum_vacuum_scale_factor = 0.05);
CREATE INDEX deliveries_held ON deliveries (host, inbox, slot, not_before) WHERE not_before IS NOT NULL;

-- How a host answers. No row: never failed.
CREATE TABLE host_states (
    host          bigint PRIMARY KEY,
    resting_until timestamptz,
    asked         boolean NOT NULL DEFAULT false,   -- it said itself until when (Retry-After): nothing wakes it earlier
    failing_since timestamptz,
    failures      int  NOT NULL DEFAULT 0,
    slow          boolean NOT NULL DEFAULT false,   -- last answer took a second or more
    lanes         smallint NOT NULL DEFAULT 1 CHECK (lanes IN (1, 2, 4, 8)),
    signature     text NOT NULL DEFAULT '',         -- the scheme that worked, '' while unknown
    answered_at   timestamptz,
    error         text NOT NULL DEFAULT ''
);

-- A lane is (host, number): the rows whose slot mod lanes is number. Its lease is here.
CREATE TABLE lanes (
    host        bigint   NOT NULL,
    number      smallint NOT NULL,
    rung_until  timestamptz NOT NULL,
    lease_until timestamptz NOT NULL,
    lease       bigint   NOT NULL DEFAULT 0,        -- fencing token: grows with each lease
    PRIMARY KEY (host, number)
) WITH (fillfactor = 50);

CREATE TABLE dead_letters (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    host     bigint   NOT NULL,
    activity bigint   NOT NULL,
    inbox    bigint   NOT NULL,
    slot     smallint NOT NULL,
    attempts smallint NOT NULL,
    reason   text     NOT NULL,
    died_at  timestamptz NOT NULL,
    UNIQUE (activity, inbox)
);
CREATE INDEX dead_letters_host ON dead_letters (host);
