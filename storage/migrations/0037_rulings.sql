-- What is done in a community of ours to keep order, for its members to read. Owners: packages communities, moderation.
-- +goose Up
CREATE TABLE rulings (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    community bigint NOT NULL REFERENCES communities,
    by        bigint NOT NULL REFERENCES actors,   -- who animates it, here or elsewhere
    act       text   NOT NULL,                     -- pin, unpin, lock, unlock, remove, restore, delete…
    activity  text   NOT NULL DEFAULT '',          -- its IRI
    post      bigint,                              -- which it is about
    person    bigint,                              -- who wrote that, or is concerned
    reason    text   NOT NULL DEFAULT '',
    at        timestamptz NOT NULL
);
CREATE INDEX rulings_community ON rulings (community, id DESC);
CREATE INDEX rulings_post ON rulings (post) WHERE post IS NOT NULL;

-- Who reads them. A server of the version before shows them to nobody.
ALTER TABLE communities
    ADD COLUMN rulings_shown text NOT NULL DEFAULT 'all' CHECK (rulings_shown IN ('all', 'members', 'animators'));

-- Who asks another animator to look again.
CREATE TABLE appeals (
    ruling      bigint PRIMARY KEY REFERENCES rulings,
    by          bigint NOT NULL REFERENCES actors,
    words       text   NOT NULL,
    at          timestamptz NOT NULL,
    answered_at timestamptz,
    answered_by bigint,
    granted     boolean,                           -- what was done is taken back
    answer      text NOT NULL DEFAULT ''
);
