-- Posts that people share with those who follow them, or show first. Owner: package posts.
-- +goose Up

CREATE TABLE boosts (
    id   bigint PRIMARY KEY,                        -- 63 bits, by time, as of posts: apps page by both
    post bigint NOT NULL REFERENCES posts,
    who  bigint NOT NULL REFERENCES actors,
    iri  text   NOT NULL,                           -- of the Announce
    at   timestamptz NOT NULL,
    UNIQUE (post, who)
);
CREATE INDEX boosts_who ON boosts (who, id DESC);
CREATE INDEX boosts_iri ON boosts (iri);

-- What people show first of what they wrote.
CREATE TABLE pins (
    who  bigint NOT NULL REFERENCES actors,
    post bigint NOT NULL REFERENCES posts,
    at   timestamptz NOT NULL,
    PRIMARY KEY (who, post)
);
CREATE INDEX pins_post ON pins (post);
