-- The reports that wait, by community. Owner: package moderation.
-- +goose NO TRANSACTION
-- +goose Up
SET lock_timeout = 0;
DROP INDEX CONCURRENTLY IF EXISTS reports_waiting;
CREATE INDEX CONCURRENTLY reports_waiting ON reports (community, id) WHERE settled_at IS NULL;
RESET lock_timeout;
