-- A name is never given twice, not even once its owner is called otherwise. Owner: package actors.
-- +goose Up

-- Of a community elsewhere: only who moderates it begins anything there. Ours: communities.posting, and archived_at.
ALTER TABLE actors ADD COLUMN restricted boolean NOT NULL DEFAULT false;

CREATE TABLE actor_names (
    name  text PRIMARY KEY,                          -- of our actors: what they are called, and were
    actor bigint NOT NULL REFERENCES actors
);
INSERT INTO actor_names (name, actor)
SELECT name, id
FROM actors
WHERE host IS NULL;

-- The table follows by itself, so that a server of the version before keeps it too. Who takes a name back
-- that was theirs already has it.
-- +goose StatementBegin
CREATE FUNCTION keep_actor_name() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO actor_names (name, actor)
    VALUES (NEW.name, NEW.id)
    ON CONFLICT (name) DO NOTHING;
    IF NOT EXISTS (SELECT FROM actor_names WHERE name = NEW.name AND actor = NEW.id) THEN
        RAISE unique_violation USING CONSTRAINT = 'actor_names_pkey', MESSAGE = 'this name was given before';
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER actors_keep_name_made
    AFTER INSERT ON actors
    FOR EACH ROW WHEN (NEW.host IS NULL) EXECUTE FUNCTION keep_actor_name();
CREATE TRIGGER actors_keep_name_changed
    AFTER UPDATE OF name ON actors
    FOR EACH ROW WHEN (NEW.host IS NULL AND NEW.name IS DISTINCT FROM OLD.name) EXECUTE FUNCTION keep_actor_name();
