-- What keeps all deliveries back. Owner: package outbox.
-- +goose Up
CREATE TABLE pauses (
    single        boolean PRIMARY KEY DEFAULT true CHECK (single), -- no row: what waits is sent
    since         timestamptz NOT NULL,
    reason        text   NOT NULL,
    last_activity bigint NOT NULL                                  -- the last of those that were there when it began
);
