-- What a server needs to run for years. Owners: storage, actors, inbox, posts.
-- +goose Up

-- Programs whose last migration is older may not run on this schema any more. A
-- migration that takes away what they use sets it.
CREATE TABLE oldest_program (
    single    boolean PRIMARY KEY DEFAULT true CHECK (single),
    migration bigint NOT NULL
);
INSERT INTO oldest_program (migration) VALUES (0);

-- When what has had its time was last thrown away, by whichever process.
ALTER TABLE server ADD COLUMN swept_at timestamptz NOT NULL DEFAULT 'epoch';

-- The post that a received activity is about: its body goes when that is deleted.
ALTER TABLE received ADD COLUMN object text;
CREATE INDEX tombstones_at ON tombstones USING brin (at);
