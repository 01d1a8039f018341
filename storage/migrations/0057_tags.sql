-- Under which hashtags a post stands. Owner: package posts.
-- +goose Up

CREATE TABLE post_tags (
    post bigint NOT NULL REFERENCES posts,
    tag  text   NOT NULL,                           -- lower case, without accents: under which it is looked up
    name text   NOT NULL,                           -- as it is written
    PRIMARY KEY (post, tag)
);
CREATE INDEX post_tags_tag ON post_tags (tag, post DESC);
