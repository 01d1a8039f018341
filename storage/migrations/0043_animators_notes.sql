-- What those who animate a community tell each other of somebody. Owner: package communities.
-- +goose Up
CREATE TABLE animators_notes (
    id        bigint PRIMARY KEY,
    community bigint NOT NULL REFERENCES communities,
    about     bigint NOT NULL REFERENCES actors,
    by        bigint NOT NULL REFERENCES actors,
    words     text NOT NULL,
    at        timestamptz NOT NULL
);
CREATE INDEX animators_notes_about ON animators_notes (about, community, id);
CREATE INDEX animators_notes_by ON animators_notes (by);
