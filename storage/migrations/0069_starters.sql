-- Thread starters, the newest first: of everybody, with what the home timeline asks of each; of a community; of a person. Owner: package posts.
-- +goose NO TRANSACTION
-- +goose Up
SET lock_timeout = 0;
DROP INDEX CONCURRENTLY IF EXISTS posts_starters;
CREATE INDEX CONCURRENTLY posts_starters ON posts (id DESC) INCLUDE (author, community, scope, announced, local) WHERE parent_iri = '' AND deleted_at IS NULL;
DROP INDEX CONCURRENTLY IF EXISTS posts_starters_in;
CREATE INDEX CONCURRENTLY posts_starters_in ON posts (community, id DESC) INCLUDE (scope, announced, local) WHERE parent_iri = '' AND deleted_at IS NULL AND community IS NOT NULL;
DROP INDEX CONCURRENTLY IF EXISTS posts_starters_of;
CREATE INDEX CONCURRENTLY posts_starters_of ON posts (author, id DESC) WHERE parent_iri = '' AND deleted_at IS NULL;
RESET lock_timeout;
