-- What communities elsewhere say of people, and what others report. Owners: packages communities, moderation.
-- +goose Up

-- Who moderates a community elsewhere, and whom it shut out, on its own word. What was said last
-- stands; what was taken back stays, so that what was said before it and comes after it changes nothing.
CREATE TABLE roles_elsewhere (
    community bigint NOT NULL REFERENCES actors,
    who       text   NOT NULL,                      -- IRI: perhaps nobody whom we know
    role      text   NOT NULL CHECK (role IN ('moderator', 'banned')),
    holds     boolean NOT NULL,
    until     timestamptz,                          -- of a ban; NULL: for ever
    reason    text   NOT NULL DEFAULT '',
    said_at   timestamptz NOT NULL,
    PRIMARY KEY (community, who, role)
);

-- What somebody elsewhere reports to us (Flag).
CREATE TABLE reports (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    iri     text   NOT NULL,
    by      bigint NOT NULL REFERENCES actors,      -- often a whole server, which does not say who complained
    about   text[] NOT NULL,                        -- IRIs of posts and people
    reason  text   NOT NULL DEFAULT '',
    at      timestamptz NOT NULL,
    UNIQUE (by, iri)
);
