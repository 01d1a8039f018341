-- The communities that hide themselves, which each list leaves out. Owner: packages actors and communities.
-- +goose NO TRANSACTION
-- +goose Up
SET lock_timeout = 0;
DROP INDEX CONCURRENTLY IF EXISTS actors_confidential;
CREATE INDEX CONCURRENTLY actors_confidential ON actors (id) WHERE access = 'confidential';
DROP INDEX CONCURRENTLY IF EXISTS communities_confidential;
CREATE INDEX CONCURRENTLY communities_confidential ON communities (actor) WHERE access = 'confidential';
RESET lock_timeout;
