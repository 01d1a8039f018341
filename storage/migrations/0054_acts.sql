-- What administrators did. Owner: package acts.
-- +goose Up

CREATE TABLE acts (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at      timestamptz NOT NULL,
    kind    text    NOT NULL CHECK (kind ~ '^[a-z.-]{3,40}$'),
    by_line boolean NOT NULL,                        -- on the command line
    account bigint  REFERENCES actors,               -- who acts, or in whose name the command line does
    name    text    NOT NULL DEFAULT '',             -- of that account, as it was
    target  bigint  REFERENCES actors,               -- the actor whom it is about, if it is one of ours
    about   text    NOT NULL DEFAULT '',             -- whom or what it is about, as it was called
    words   text    NOT NULL DEFAULT ''              -- the reason, or what was set
);
CREATE INDEX acts_account ON acts (account) WHERE account IS NOT NULL;
CREATE INDEX acts_target ON acts (target) WHERE target IS NOT NULL;

-- Rows stay as they were written. Only the names and the words about an actor who is gone may be blanked.
-- +goose StatementBegin
CREATE FUNCTION keep_acts() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF (NEW.id, NEW.at, NEW.kind, NEW.by_line) = (OLD.id, OLD.at, OLD.kind, OLD.by_line)
            AND NEW.account IS NOT DISTINCT FROM OLD.account
            AND NEW.target IS NOT DISTINCT FROM OLD.target
            AND (NEW.name = OLD.name
                OR NEW.name = '' AND EXISTS (SELECT FROM actors WHERE id = OLD.account AND gone_at IS NOT NULL))
            AND ((NEW.about, NEW.words) = (OLD.about, OLD.words)
                OR (NEW.about, NEW.words) = ('', '') AND EXISTS (SELECT FROM actors WHERE id = OLD.target AND gone_at IS NOT NULL))
        THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE restrict_violation USING CONSTRAINT = 'acts_stay', MESSAGE = 'what administrators did is neither changed nor deleted';
END $$;
-- +goose StatementEnd
CREATE TRIGGER acts_stay
    BEFORE UPDATE OR DELETE ON acts
    FOR EACH ROW EXECUTE FUNCTION keep_acts();
CREATE TRIGGER acts_stay_all
    BEFORE TRUNCATE ON acts
    FOR EACH STATEMENT EXECUTE FUNCTION keep_acts();
