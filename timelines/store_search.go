package timelines

// concerning is what the reader wrote, or that names the reader.
const concerning = `(p.author = @reader OR EXISTS (SELECT FROM post_mentions m WHERE m.post = p.id AND m.who = @reader OFFSET 0))`

// findable is what its author or its community lets be found.
const findable = `(p.scope <> 'unlisted' AND ((SELECT a.indexable FROM actors a WHERE a.id = p.author) OR p.community IS NOT NULL AND EXISTS (
	SELECT FROM posts h WHERE h.id = p.root AND h.community = p.community AND (h.announced OR h.local) OFFSET 0)))`

// withWords are the posts in which words stand.
var withWords = inPosts(`p.deleted_at IS NULL AND post_words(p.title, p.content) @@ to_tsquery('pg_catalog.french', folded(@query))`).
	and("(" + concerning + " OR " + findable + ")")
