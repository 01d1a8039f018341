-- Members who have their e-mail elsewhere from now on. Owner: package accounts.
-- +goose Up

CREATE TABLE address_changes (
    id         bigint PRIMARY KEY,
    member     bigint NOT NULL REFERENCES members ON DELETE CASCADE,
    email      text NOT NULL,                       -- to which the link was sent
    was        text NOT NULL,                       -- which hears of the change
    created_at timestamptz NOT NULL,
    used_at    timestamptz
);
CREATE INDEX address_changes_member ON address_changes (member);
CREATE INDEX address_changes_created ON address_changes (created_at);
