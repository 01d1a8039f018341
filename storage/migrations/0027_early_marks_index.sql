-- The marks of a community that came before their posts, the oldest first. Owner: package posts.
-- +goose NO TRANSACTION
-- +goose Up
SET lock_timeout = 0;
DROP INDEX CONCURRENTLY IF EXISTS post_marks_early;
CREATE INDEX CONCURRENTLY post_marks_early ON post_marks (community, early) WHERE early IS NOT NULL;
RESET lock_timeout;
