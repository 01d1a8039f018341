-- What a community expects of its members, and asks of whoever would be one. Owner: package communities.
-- +goose Up

-- Each version is kept. One without words takes the charter back.
CREATE TABLE charters (
    community bigint NOT NULL REFERENCES communities,
    version   integer NOT NULL CHECK (version > 0),
    source    text NOT NULL,                       -- Markdown
    by        bigint REFERENCES actors,
    at        timestamptz NOT NULL,
    PRIMARY KEY (community, version)
);

-- Who accepted which version, and when.
CREATE TABLE charter_acceptances (
    community bigint NOT NULL,
    who       bigint NOT NULL REFERENCES actors,
    version   integer NOT NULL,
    at        timestamptz NOT NULL,
    PRIMARY KEY (community, who, version),
    FOREIGN KEY (community, version) REFERENCES charters
);
CREATE INDEX charter_acceptances_who ON charter_acceptances (who);

CREATE TABLE join_questions (
    community bigint NOT NULL REFERENCES communities,
    place     smallint NOT NULL CHECK (place BETWEEN 1 AND 5),
    question  text NOT NULL CHECK (question <> ''),
    PRIMARY KEY (community, place)
);

-- What who asks to be a member answered, with the question as it was then.
CREATE TABLE join_answers (
    community bigint NOT NULL,
    who       bigint NOT NULL,
    place     smallint NOT NULL,
    question  text NOT NULL,
    answer    text NOT NULL,
    PRIMARY KEY (community, who, place),
    FOREIGN KEY (community, who) REFERENCES join_requests ON DELETE CASCADE
);

-- Who asks from elsewhere is written to, once.
CREATE TABLE letters (
    community bigint NOT NULL REFERENCES communities,
    who       bigint NOT NULL REFERENCES actors,
    iri       text NOT NULL UNIQUE,                -- of the Note, which they answer
    version   integer NOT NULL DEFAULT 0,          -- of the charter that it speaks of; 0: of none
    at        timestamptz NOT NULL,
    PRIMARY KEY (community, who)
);
CREATE INDEX letters_who ON letters (who);
