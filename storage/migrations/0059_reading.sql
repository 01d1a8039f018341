-- What members keep for their own reading. Owner: package reading.
-- +goose Up

CREATE TABLE bookmarks (
    id     bigint PRIMARY KEY,                      -- by time: the list is paged by it
    member bigint NOT NULL REFERENCES members ON DELETE CASCADE,
    post   bigint NOT NULL REFERENCES posts ON DELETE CASCADE,
    UNIQUE (member, post)
);
CREATE INDEX bookmarks_member ON bookmarks (member, id DESC);
CREATE INDEX bookmarks_post ON bookmarks (post);

CREATE TABLE lists (
    id        bigint PRIMARY KEY,
    member    bigint NOT NULL REFERENCES members ON DELETE CASCADE,
    title     text    NOT NULL,
    replies   text    NOT NULL CHECK (replies IN ('none', 'list', 'followed')), -- to whom they are shown
    exclusive boolean NOT NULL                      -- what is in it is not in the home timeline
);
CREATE INDEX lists_member ON lists (member, id);

-- Actors are blanked, never removed, so that whom a list holds is not referenced.
CREATE TABLE list_accounts (
    list bigint NOT NULL REFERENCES lists ON DELETE CASCADE,
    who  bigint NOT NULL,
    PRIMARY KEY (list, who)
);
CREATE INDEX list_accounts_who ON list_accounts (who);

CREATE TABLE read_marks (
    member   bigint NOT NULL REFERENCES members ON DELETE CASCADE,
    timeline text   NOT NULL CHECK (timeline IN ('home', 'notifications')),
    last     bigint NOT NULL,                       -- the id that was read last
    version  integer NOT NULL,                      -- how often it was set
    at       timestamptz NOT NULL,
    PRIMARY KEY (member, timeline)
);

CREATE TABLE followed_tags (
    member bigint NOT NULL REFERENCES members ON DELETE CASCADE,
    tag    text   NOT NULL,                         -- folded, as in post_tags
    name   text   NOT NULL,
    at     timestamptz NOT NULL,
    PRIMARY KEY (member, tag)
);

CREATE TABLE filters (
    id         bigint PRIMARY KEY,
    member     bigint NOT NULL REFERENCES members ON DELETE CASCADE,
    title      text   NOT NULL,
    contexts   text[] NOT NULL,                     -- home, notifications, public, thread, account
    action     text   NOT NULL CHECK (action IN ('warn', 'hide', 'blur')),
    expires_at timestamptz
);
CREATE INDEX filters_member ON filters (member, id);

CREATE TABLE filter_words (
    id     bigint PRIMARY KEY,
    filter bigint  NOT NULL REFERENCES filters ON DELETE CASCADE,
    word   text    NOT NULL,
    whole  boolean NOT NULL                         -- only where no letter stands before or behind
);
CREATE INDEX filter_words_filter ON filter_words (filter, id);

CREATE TABLE filter_posts (
    id     bigint PRIMARY KEY,
    filter bigint NOT NULL REFERENCES filters ON DELETE CASCADE,
    post   bigint NOT NULL REFERENCES posts ON DELETE CASCADE,
    UNIQUE (filter, post)
);
CREATE INDEX filter_posts_post ON filter_posts (post);

CREATE TABLE account_notes (
    member bigint NOT NULL REFERENCES members ON DELETE CASCADE,
    who    bigint NOT NULL,
    words  text   NOT NULL,
    PRIMARY KEY (member, who)
);

-- Threads of which their member wants to hear no more.
CREATE TABLE muted_threads (
    member bigint NOT NULL REFERENCES members ON DELETE CASCADE,
    root   bigint NOT NULL,
    PRIMARY KEY (member, root)
);

-- How far a member read in direct exchanges, and which they put away until something comes.
CREATE TABLE exchanges (
    member bigint NOT NULL REFERENCES members ON DELETE CASCADE,
    root   bigint NOT NULL,
    read   bigint NOT NULL DEFAULT 0,               -- the id of the last post that was read
    away   bigint NOT NULL DEFAULT 0,               -- that of the last one when it was put away
    PRIMARY KEY (member, root)
);
