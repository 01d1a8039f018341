-- What streams tell apps. Owner: package streaming.
-- +goose Up

-- What just happened to posts and notices. Processes that hold streams ask for what became visible since
-- they last asked: that is told by the number of the transaction, not by the time. No stream needs it after
-- a crash, and yet it is logged: after a power failure the sequence of an unlogged table cannot be read,
-- and with it no post could be written.
CREATE TABLE happenings (
    id          bigint GENERATED ALWAYS AS IDENTITY,
    transaction xid8   NOT NULL DEFAULT pg_current_xact_id(),
    kind        text   NOT NULL CHECK (kind IN ('new', 'edited', 'gone', 'shared', 'told')),
    thing       bigint NOT NULL,                    -- the post; the boost; the notice
    reader      bigint,                             -- who was told; NULL: whoever finds the post
    at          timestamptz NOT NULL
);
CREATE INDEX happenings_transaction ON happenings (transaction);

-- What is fetched long after it was written is no news.
-- +goose StatementBegin
CREATE FUNCTION post_happened() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO happenings (kind, thing, at) VALUES ('new', NEW.id, NEW.arrived_at);
    ELSIF NEW.deleted_at IS NOT NULL THEN
        INSERT INTO happenings (kind, thing, at) VALUES ('gone', NEW.id, NEW.deleted_at);
    ELSIF NEW.announced AND NOT OLD.announced THEN
        INSERT INTO happenings (kind, thing, at) VALUES ('new', NEW.id, NEW.arrived_at);
    ELSE
        INSERT INTO happenings (kind, thing, at) VALUES ('edited', NEW.id, coalesce(NEW.updated, NEW.arrived_at));
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER posts_happened_new
    AFTER INSERT ON posts
    FOR EACH ROW WHEN (NEW.deleted_at IS NULL AND NEW.published > NEW.arrived_at - interval '6 hours')
    EXECUTE FUNCTION post_happened();
CREATE TRIGGER posts_happened
    AFTER UPDATE OF deleted_at, announced, updated ON posts
    FOR EACH ROW WHEN (
        OLD.deleted_at IS NULL
        AND (NEW.deleted_at IS NOT NULL
            OR NEW.announced AND NOT OLD.announced AND NEW.published > NEW.arrived_at - interval '6 hours'
            OR NEW.updated IS NOT NULL AND NEW.updated IS DISTINCT FROM OLD.updated))
    EXECUTE FUNCTION post_happened();

-- What its community takes away is gone for most; what it gives back, or lets in, is new to them.
-- +goose StatementBegin
CREATE FUNCTION post_mark_happened() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO happenings (kind, thing, at)
    SELECT CASE WHEN NEW.holds THEN 'gone' ELSE 'new' END, id, NEW.said_at
    FROM posts
    WHERE iri = NEW.post AND community = NEW.community AND deleted_at IS NULL;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER post_marks_happened_new
    AFTER INSERT ON post_marks
    FOR EACH ROW WHEN (NEW.holds AND NEW.mark IN ('removed', 'withdrawn'))
    EXECUTE FUNCTION post_mark_happened();
CREATE TRIGGER post_marks_happened
    AFTER UPDATE OF holds ON post_marks
    FOR EACH ROW WHEN (NEW.holds <> OLD.holds AND NEW.mark IN ('removed', 'withdrawn', 'held'))
    EXECUTE FUNCTION post_mark_happened();

-- +goose StatementBegin
CREATE FUNCTION notice_happened() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO happenings (kind, thing, reader, at) VALUES ('told', NEW.id, NEW.reader, NEW.at);
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER notices_happened_new
    AFTER INSERT ON notices
    FOR EACH ROW EXECUTE FUNCTION notice_happened();
CREATE TRIGGER notices_happened
    AFTER UPDATE OF id ON notices
    FOR EACH ROW WHEN (NEW.id <> OLD.id) EXECUTE FUNCTION notice_happened();

-- +goose StatementBegin
CREATE FUNCTION boost_happened() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO happenings (kind, thing, at) VALUES ('shared', NEW.id, NEW.at);
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER boosts_happened
    AFTER INSERT ON boosts
    FOR EACH ROW EXECUTE FUNCTION boost_happened();
