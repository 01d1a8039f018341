-- What members are told, and how they want it. Owner: package notifications.
-- +goose Up

-- Readers, posts and communities are blanked, never removed, so that these references are
-- not checked. What a notice says is looked up when it is read.
CREATE TABLE notices (
    id        bigint PRIMARY KEY,
    reader    bigint NOT NULL,
    kind      text   NOT NULL,
    subject   text   NOT NULL,                     -- what it is about: told once
    by        bigint,                              -- who did it; NULL: nobody is named
    community bigint,
    post      bigint,
    ref       bigint,                              -- the number of a report or a ruling
    at        timestamptz NOT NULL,
    read_at   timestamptz,
    UNIQUE (reader, subject)
);
CREATE INDEX notices_reader ON notices (reader, id DESC);
CREATE INDEX notices_unread ON notices (reader) WHERE read_at IS NULL;
CREATE INDEX notices_at ON notices (at);

-- Where a member chose nothing, the program's own choice holds.
CREATE TABLE notice_choices (
    member    bigint NOT NULL,
    list      text   NOT NULL,
    community bigint NOT NULL DEFAULT 0,           -- 0: all others
    how       text   NOT NULL CHECK (how IN ('none', 'site', 'mail')),
    PRIMARY KEY (member, list, community)
);
CREATE INDEX notice_choices_posts ON notice_choices (community) WHERE list = 'posts' AND how <> 'none';
