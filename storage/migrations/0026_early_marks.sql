-- What a community elsewhere says of posts that are not here is kept as far as it is of late. Owner: package posts.
-- +goose Up
ALTER TABLE post_marks ADD COLUMN early timestamptz; -- when it came, before its post was here and the community's
UPDATE post_marks m
SET early = said_at
WHERE NOT EXISTS (SELECT FROM posts p WHERE p.iri = m.post AND p.community = m.community);
