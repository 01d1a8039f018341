-- Streams also tell that something is shared no more, and that a member's filters changed. Owner: package streaming.
-- A program before this one passes over both.
-- +goose Up

ALTER TABLE happenings DROP CONSTRAINT happenings_kind_check;
ALTER TABLE happenings ADD CHECK (kind IN ('new', 'edited', 'gone', 'shared', 'told', 'unshared', 'filters'));

-- 'reader' is who shared it. Nothing in the row says when it went: the time is that of the transaction, and only tells
-- when the happening may be swept.
-- +goose StatementBegin
CREATE FUNCTION boost_ended() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO happenings (kind, thing, reader, at) VALUES ('unshared', OLD.id, OLD.who, transaction_timestamp());
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER boosts_ended
    AFTER DELETE ON boosts
    FOR EACH ROW EXECUTE FUNCTION boost_ended();

-- What goes with its filter is told by that of the filter.
-- +goose StatementBegin
CREATE FUNCTION filters_happened() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    one record;
BEGIN
    IF TG_OP = 'DELETE' THEN one := OLD; ELSE one := NEW; END IF;
    IF TG_TABLE_NAME = 'filters' THEN
        INSERT INTO happenings (kind, thing, reader, at) VALUES ('filters', one.id, one.member, transaction_timestamp());
    ELSE
        INSERT INTO happenings (kind, thing, reader, at)
        SELECT 'filters', id, member, transaction_timestamp() FROM filters WHERE id = one.filter;
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER filters_happened
    AFTER INSERT OR UPDATE OR DELETE ON filters
    FOR EACH ROW EXECUTE FUNCTION filters_happened();
CREATE TRIGGER filter_words_happened
    AFTER INSERT OR UPDATE OR DELETE ON filter_words
    FOR EACH ROW EXECUTE FUNCTION filters_happened();
CREATE TRIGGER filter_posts_happened
    AFTER INSERT OR UPDATE OR DELETE ON filter_posts
    FOR EACH ROW EXECUTE FUNCTION filters_happened();
