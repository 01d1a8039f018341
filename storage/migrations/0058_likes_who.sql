-- What somebody likes, the latest first. Owner: package posts.
-- +goose NO TRANSACTION
-- +goose Up
SET lock_timeout = 0;
DROP INDEX CONCURRENTLY IF EXISTS likes_who;
CREATE INDEX CONCURRENTLY likes_who ON likes (who, at DESC);
RESET lock_timeout;
