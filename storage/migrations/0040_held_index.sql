-- What waits in a community for who animates it. Owner: posts.
-- +goose NO TRANSACTION
-- +goose Up
SET lock_timeout = 0;
DROP INDEX CONCURRENTLY IF EXISTS post_marks_held;
CREATE INDEX CONCURRENTLY post_marks_held ON post_marks (community) WHERE mark = 'held' AND holds;
RESET lock_timeout;
