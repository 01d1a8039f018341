-- Who posts in a community, and what of it waits for who animates it. Owners: communities, posts.
-- +goose Up
ALTER TABLE communities
    ADD COLUMN posting     text NOT NULL DEFAULT 'all' CHECK (posting IN ('all', 'members', 'animators')), -- who begins threads
    ADD COLUMN first_posts int  NOT NULL DEFAULT 0 CHECK (first_posts BETWEEN 0 AND 20),   -- of a newcomer, that wait
    ADD COLUMN most_a_day  int  NOT NULL DEFAULT 0 CHECK (most_a_day BETWEEN 0 AND 1000);  -- threads of one person; 0: no limit

-- Held: it waits until who animates the community lets it in. What stood there before is narrower still.
ALTER TABLE post_marks
    DROP CONSTRAINT post_marks_mark_check,
    ADD CONSTRAINT post_marks_mark_check CHECK (mark IN ('featured', 'locked', 'removed', 'withdrawn', 'held')) NOT VALID;
