-- Ed25519 keys of ours, and who wants to be written to with them.
-- +goose Up

-- Apart from keys, where servers of before expect one key of ours for each actor.
-- Owner: package actors.
CREATE TABLE ed25519_keys (
    id         text PRIMARY KEY,                    -- IRI
    actor      bigint      NOT NULL REFERENCES actors,
    public_pem text        NOT NULL,
    private    bytea       NOT NULL,                -- sealed by the server's secret; empty once retired
    made_at    timestamptz NOT NULL,
    retired_at timestamptz
);
CREATE UNIQUE INDEX ed25519_keys_current ON ed25519_keys (actor) WHERE retired_at IS NULL;
CREATE INDEX ed25519_keys_retired ON ed25519_keys (actor) WHERE retired_at IS NOT NULL;

-- Its Application says that it verifies Ed25519 (FEP-844e). Owner: package actors.
ALTER TABLE hosts ADD COLUMN ed25519 boolean NOT NULL DEFAULT false;

-- When it refused that all the same. Owner: package outbox.
ALTER TABLE host_states ADD COLUMN ed25519_refused_at timestamptz;
