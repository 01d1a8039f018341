-- Servers of which nobody here has heard, and from which somebody wants to read nothing. Owner: package access.
-- +goose Up

CREATE TABLE early_host_mutes (
    muter bigint NOT NULL REFERENCES actors,
    host  text   NOT NULL,                          -- as hosts.name will have it
    since timestamptz NOT NULL,
    PRIMARY KEY (muter, host)
);
CREATE INDEX early_host_mutes_host ON early_host_mutes (host);

-- As soon as something comes from there, they are as all others. Who mutes a name meanwhile waits, and then finds it.
-- +goose StatementBegin
CREATE FUNCTION host_was_muted() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('host ' || NEW.name, 0));
    INSERT INTO host_mutes (muter, host, since)
    SELECT muter, NEW.id, since
    FROM early_host_mutes
    WHERE host = NEW.name
    ON CONFLICT DO NOTHING;
    DELETE FROM early_host_mutes WHERE host = NEW.name;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER hosts_were_muted
    AFTER INSERT ON hosts
    FOR EACH ROW EXECUTE FUNCTION host_was_muted();
