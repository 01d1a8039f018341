-- What people say of themselves line by line, and how they write as a rule. Owners: packages actors, accounts.
-- +goose Up

-- A list of pairs as JSON, never searched: of ours the values as they were typed, of others safe HTML. '' is none.
ALTER TABLE actors ADD COLUMN fields text NOT NULL DEFAULT '';

-- What apps take for a new post that does not say it. Of 'quotable' '' is not said.
ALTER TABLE members
    ADD COLUMN visibility text NOT NULL DEFAULT 'public' CHECK (visibility IN ('public', 'unlisted', 'private')),
    ADD COLUMN sensitive boolean NOT NULL DEFAULT false,
    ADD COLUMN quotable text NOT NULL DEFAULT '' CHECK (quotable IN ('', 'public', 'followers', 'nobody'));
