-- A host that speaks to us and cannot be reached is woken ever more rarely. Owner: package outbox.
-- +goose Up
ALTER TABLE host_states
    ADD COLUMN woken_at timestamptz,
    ADD COLUMN wakings  smallint NOT NULL DEFAULT 0;   -- in a row and in vain
