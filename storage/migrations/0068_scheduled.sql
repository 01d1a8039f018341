-- Posts that members wrote for later. Owner: package posts.
-- +goose Up

CREATE TABLE scheduled_posts (
    id      bigint PRIMARY KEY,
    who     bigint NOT NULL REFERENCES actors,
    draft   bytea  NOT NULL,                -- JSON: what is published then
    at      timestamptz NOT NULL,           -- when
    refused text   NOT NULL DEFAULT ''      -- why it was not, then; '': it waits
);
CREATE INDEX scheduled_posts_who ON scheduled_posts (who, id);
