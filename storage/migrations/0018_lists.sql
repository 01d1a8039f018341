-- What is wanted of others may be who moderates a community.
-- +goose Up
ALTER TABLE wanted
    DROP CONSTRAINT wanted_kind_check,
    ADD CONSTRAINT wanted_kind_check
        CHECK (kind IN ('outbox', 'featured', 'moderators', 'activity', 'post', 'thread', 'context', 'replies'));
