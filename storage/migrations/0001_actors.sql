-- Who is who: servers, actors, their keys and inboxes, who follows whom. Owner: package actors.
-- +goose Up

-- This server itself: one row, written at the first start.
CREATE TABLE server (
    single     boolean PRIMARY KEY DEFAULT true CHECK (single),
    origin     text        NOT NULL,
    started_at timestamptz NOT NULL,
    seen_at    timestamptz NOT NULL   -- last sign of life, to notice an outage of ours
);

CREATE TABLE hosts (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name       text     NOT NULL UNIQUE,            -- host[:port], canonical
    software   text     NOT NULL DEFAULT '',        -- NodeInfo name, '' while unknown
    version    text     NOT NULL DEFAULT '',
    dialect    smallint NOT NULL DEFAULT 1 CHECK (dialect IN (1, 2, 4)), -- unknown, threads, microblog
    checked_at timestamptz,                         -- last time its NodeInfo was read
    due_at     timestamptz NOT NULL DEFAULT 'epoch', -- next time to read it
    failures   smallint NOT NULL DEFAULT 0          -- how often that failed since
);
CREATE INDEX hosts_due ON hosts (due_at);

CREATE TABLE inboxes (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    host      bigint  NOT NULL REFERENCES hosts,
    url       text    NOT NULL UNIQUE,
    shared    boolean NOT NULL,
    refused_at timestamptz,                         -- first 410
    gone_at   timestamptz                           -- second 410, an hour or more later
);

CREATE TABLE actors (
    id           bigint PRIMARY KEY,                -- 63 bits: 42 of milliseconds, 21 random; public
    iri          text NOT NULL UNIQUE,
    kind         text NOT NULL CHECK (kind IN ('person', 'group', 'application', 'service', 'organization')),
    host         bigint REFERENCES hosts,           -- NULL: ours
    domain       text NOT NULL DEFAULT '',          -- host of its handle where that is another, confirmed both ways
    name         text NOT NULL,                     -- preferredUsername
    title        text NOT NULL DEFAULT '',          -- name that people read
    summary      text NOT NULL DEFAULT '',          -- safe HTML
    source       text NOT NULL DEFAULT '',          -- Markdown of our own
    url          text NOT NULL DEFAULT '',
    icon         text NOT NULL DEFAULT '',
    inbox        text NOT NULL DEFAULT '',
    shared_inbox text NOT NULL DEFAULT '',
    outbox       text NOT NULL DEFAULT '',
    followers    text NOT NULL DEFAULT '',
    following    text NOT NULL DEFAULT '',
    featured     text NOT NULL DEFAULT '',
    moderators   text NOT NULL DEFAULT '',
    delivery     bigint REFERENCES inboxes,         -- where deliveries to it go; NULL: ours
    approves     boolean NOT NULL DEFAULT false,    -- manuallyApprovesFollowers
    discoverable boolean NOT NULL DEFAULT false,
    indexable    boolean NOT NULL DEFAULT false,
    published    timestamptz NOT NULL,
    refreshed_at timestamptz NOT NULL,
    confirmed_at timestamptz,                       -- last time WebFinger was asked about its handle
    gone_at      timestamptz,                       -- deleted: 410 for ever
    document     bytea                              -- theirs, as received
);
CREATE UNIQUE INDEX actors_local_name ON actors (name) WHERE host IS NULL;
CREATE INDEX actors_handle ON actors (lower(name), host);
CREATE INDEX actors_host ON actors (host) WHERE host IS NOT NULL;
CREATE INDEX actors_unconfirmed ON actors (id) WHERE host IS NOT NULL AND confirmed_at IS NULL AND gone_at IS NULL;

CREATE TABLE keys (
    id         text PRIMARY KEY,                    -- IRI
    actor      bigint NOT NULL REFERENCES actors,
    public_pem text   NOT NULL,
    private    bytea,                               -- sealed by the server's secret; ours only
    fetched_at timestamptz NOT NULL,
    retired_at timestamptz
);
CREATE INDEX keys_actor ON keys (actor);

-- Keys that could not be had, so that nobody makes us ask again and again.
CREATE TABLE key_misses (
    id       text PRIMARY KEY,
    away     boolean NOT NULL,                      -- its server did not answer, rather than said no
    tried_at timestamptz NOT NULL
);
CREATE INDEX key_misses_tried ON key_misses (tried_at);

-- A follow is delivery, a membership (communities) is rights. Ended rows stay:
-- they tell which hosts were ever sent a post, so that its Delete reaches them.
CREATE TABLE follows (
    followee    bigint NOT NULL REFERENCES actors,
    follower    bigint NOT NULL REFERENCES actors,
    state       text   NOT NULL CHECK (state IN ('pending', 'accepted', 'rejected', 'ended')),
    iri         text   NOT NULL,                    -- of the Follow
    delivery    bigint REFERENCES inboxes,          -- the follower's; NULL: ours
    asked_at    timestamptz NOT NULL,
    answered_at timestamptz,
    ended_at    timestamptz,
    PRIMARY KEY (followee, follower)
);
CREATE INDEX follows_follower ON follows (follower, followee);
CREATE INDEX follows_iri ON follows (iri);
-- The audience of a followee: its distinct inboxes, read by skipping from one to the next.
CREATE INDEX follows_audience ON follows (followee, delivery) WHERE state = 'accepted' AND delivery IS NOT NULL;
