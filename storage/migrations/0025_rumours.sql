-- How often somebody said so: who says it without end keeps nobody from fetching the post.
-- +goose Up
ALTER TABLE rumours ADD COLUMN said smallint NOT NULL DEFAULT 1;
