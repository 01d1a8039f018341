-- Under which themes a community sorts its posts. Owners: packages communities (themes), posts (post_themes).
-- +goose Up
CREATE TABLE themes (
    id          bigint  PRIMARY KEY,
    community   bigint  NOT NULL REFERENCES actors,  -- ours, or elsewhere
    ours        boolean NOT NULL,
    iri         text    NOT NULL,
    name        text    NOT NULL,
    folded      text    NOT NULL,                    -- the name without accents, capitals and spaces
    description text    NOT NULL DEFAULT '',
    place       integer NOT NULL,                    -- among those of its community, from 1
    retired_at  timestamptz,                         -- since when it is given to no more posts
    UNIQUE (community, iri)
);
-- What others call theirs is for them to sort out.
CREATE UNIQUE INDEX themes_name ON themes (community, folded) WHERE ours;
CREATE INDEX themes_iri ON themes (iri);

-- Posts are blanked, never removed, and a theme of others goes once no post has it: neither is referenced.
CREATE TABLE post_themes (
    post  bigint  NOT NULL,
    theme bigint  NOT NULL,
    holds boolean NOT NULL,                          -- false: who animates the community took it away
    ruled boolean NOT NULL,                          -- said by who animates it: its author changes it no more
    at    timestamptz NOT NULL,                      -- when it was said
    PRIMARY KEY (post, theme)
);
CREATE INDEX post_themes_theme ON post_themes (theme, post DESC) WHERE holds;
