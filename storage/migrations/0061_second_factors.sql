-- A second factor beside the password: codes by the time (RFC 6238). Owner: package accounts.
-- +goose Up

CREATE TABLE second_factors (
    member    bigint PRIMARY KEY REFERENCES members ON DELETE CASCADE,
    secret    bytea NOT NULL,                       -- sealed under the server's secret
    last_step bigint NOT NULL,                      -- of the time: of the latest code that was taken; none up to it is taken again
    at        timestamptz NOT NULL
);

-- For who lost what makes the codes: each holds once.
CREATE TABLE recovery_codes (
    member  bigint NOT NULL REFERENCES members ON DELETE CASCADE,
    hash    bytea NOT NULL,                         -- SHA-256
    used_at timestamptz,
    PRIMARY KEY (member, hash)
);

-- What changed about it, as its owner sees it.
CREATE TABLE factor_changes (
    id     bigint PRIMARY KEY,
    member bigint NOT NULL REFERENCES members ON DELETE CASCADE,
    kind   text NOT NULL CHECK (kind ~ '^[a-z-]{2,20}$'),
    at     timestamptz NOT NULL
);
CREATE INDEX factor_changes_member ON factor_changes (member, id);
CREATE INDEX factor_changes_at ON factor_changes (at);

-- Who showed the password and has to show a code: no session yet.
CREATE TABLE half_sign_ins (
    id         bigint PRIMARY KEY,
    member     bigint NOT NULL REFERENCES members ON DELETE CASCADE,
    created_at timestamptz NOT NULL
);
CREATE INDEX half_sign_ins_member ON half_sign_ins (member);
CREATE INDEX half_sign_ins_created ON half_sign_ins (created_at);
