-- What came in. Owner: package inbox.
-- +goose Up
CREATE TABLE received (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    iri       text  NOT NULL DEFAULT '',
    type      text  NOT NULL,
    actor     text  NOT NULL,                       -- IRI, verified
    key       bytea UNIQUE,                         -- SHA-256 of origin and id: Create, Update, Delete once for ever
    signature bytea UNIQUE,                         -- SHA-256 of the signature's value
    digest    bytea NOT NULL,                       -- SHA-256 of the body
    body      bytea,                                -- blanked after 30 days
    arrived   timestamptz NOT NULL,
    outcome   text NOT NULL DEFAULT 'applied',      -- once it has left inbox_queue: applied, ignored, refused, dead
    reason    text NOT NULL DEFAULT ''
) WITH (fillfactor = 85);
-- Arrival grows with the place in the table: this finds the old ones for next to nothing.
CREATE INDEX received_arrived ON received USING brin (arrived);

-- What waits to be applied; its own table, so that the end of one touches no index above.
CREATE TABLE inbox_queue (
    received    bigint PRIMARY KEY,
    slow        boolean NOT NULL DEFAULT false,     -- needs the network
    due_at      timestamptz NOT NULL,
    attempts    smallint NOT NULL DEFAULT 0,
    lease_until timestamptz,
    lease       bigint NOT NULL DEFAULT 0,          -- fencing token: grows with each lease
    line        bigint                              -- who does what to what: applied as it came. NULL: in any order
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05);
CREATE INDEX inbox_queue_line ON inbox_queue (line, received) WHERE line IS NOT NULL;

-- An Undo that came before what it undoes cancels it for an hour.
CREATE TABLE undone (
    actor text NOT NULL,
    iri   text NOT NULL,                            -- id of the activity that must not count
    at    timestamptz NOT NULL,
    PRIMARY KEY (actor, iri)
);
