-- What is still to be asked of other servers, and what people look for. Owners: packages history, timelines.
-- +goose Up

-- One row for each thing that is not here yet. Each host is asked for one at a time.
CREATE TABLE wanted (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    host      text     NOT NULL,                    -- who is asked
    kind      text     NOT NULL CHECK (kind IN ('outbox', 'featured', 'activity', 'post', 'thread', 'context', 'replies')),
    iri       text     NOT NULL,                    -- what is asked for; of an outbox, its actor
    community bigint,                               -- the Group that shows the post as its own
    thread    text     NOT NULL DEFAULT '',         -- what is said to hold the post, and the post must confirm
    budget    smallint NOT NULL,                    -- how many posts may still come of it
    again     boolean  NOT NULL DEFAULT false,      -- after an outage: what is here may have had answers
    attempts  smallint NOT NULL DEFAULT 0,
    UNIQUE (kind, iri)
);
CREATE INDEX wanted_host ON wanted (host, attempts, id);

-- Hosts that asked for rest, or did not answer.
CREATE TABLE host_rests (
    host  text PRIMARY KEY,
    until timestamptz NOT NULL
);

-- When the outbox of an actor was last read, so that it is not read for each new follower.
CREATE TABLE outbox_reads (
    actor bigint PRIMARY KEY,
    at    timestamptz NOT NULL
);

-- Letters without their accents, in lower case: "Métiers" and "metiers" are the same word.
CREATE FUNCTION folded(words text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN lower(regexp_replace(normalize(replace(replace(words, 'œ', 'oe'), 'Œ', 'Oe'), NFD), '[\u0300-\u036f]', '', 'g'));

-- The words of a post: only its beginning, since PostgreSQL indexes no more than a megabyte.
CREATE FUNCTION post_words(title text, content text) RETURNS tsvector
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN to_tsvector('pg_catalog.french', folded(title || ' ' || left(content, 20000)));
CREATE INDEX posts_words ON posts USING gin (post_words(title, content)) WHERE deleted_at IS NULL;

CREATE FUNCTION actor_words(name text, title text) RETURNS tsvector
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN to_tsvector('pg_catalog.simple', folded(name || ' ' || title));
CREATE INDEX actors_words ON actors USING gin (actor_words(name, title)) WHERE gone_at IS NULL;
