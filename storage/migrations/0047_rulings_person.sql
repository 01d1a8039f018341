-- What was ruled about a person, who reads it. Owner: package communities.
-- +goose NO TRANSACTION
-- +goose Up
SET lock_timeout = 0;
DROP INDEX CONCURRENTLY IF EXISTS rulings_person;
CREATE INDEX CONCURRENTLY rulings_person ON rulings (person, id DESC) WHERE post IS NULL AND person IS NOT NULL;
RESET lock_timeout;
