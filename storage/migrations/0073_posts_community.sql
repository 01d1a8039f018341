-- A post stands in a community that is here: what is not hidden is then for everybody. Owner: package posts.
-- +goose NO TRANSACTION
-- +goose Up
ALTER TABLE posts DROP CONSTRAINT IF EXISTS posts_community_fkey;
ALTER TABLE posts ADD CONSTRAINT posts_community_fkey FOREIGN KEY (community) REFERENCES actors (id) NOT VALID;
ALTER TABLE posts VALIDATE CONSTRAINT posts_community_fkey;
