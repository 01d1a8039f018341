package timelines

import (
	"context"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/storage"
)

// listed are those whom a list holds.
const listed = `(SELECT who FROM list_accounts WHERE list = @list)`

// inList asks a list of its owner alone.
const inList = `EXISTS (SELECT FROM lists l WHERE l.id = @list AND l.member = @reader)
		AND (p.author IN ` + listed + ` OR p.community IN ` + listed + ` AND ` + letIn + `)
		AND (p.parent_iri = '' OR EXISTS (
			SELECT FROM posts up
			JOIN lists l ON l.id = @list
			WHERE up.id = p.parent
				AND (l.replies = 'list' AND up.author IN ` + listed + ` OR l.replies = 'followed' AND up.author IN ` + followed + `)))`

// notApart leaves out who is in a list that is read by itself.
func notApart(who, community string) string {
	return `NOT EXISTS (
		SELECT FROM list_accounts apart
		JOIN lists l ON l.id = apart.list
		WHERE l.member = @reader AND l.exclusive AND apart.who IN (` + who + `, ` + community + `))`
}

// withFiles have something to look at or to take away.
const withFiles = `(EXISTS (SELECT FROM files f WHERE f.post = p.id OFFSET 0) OR EXISTS (SELECT FROM pictures f WHERE f.post = p.id OFFSET 0))`

// fewFollowed is up to how many each is looked at by itself. Of who follows more, all new posts are gone through:
// soon there are enough. Who follows few would have all posts of the server gone through.
const fewFollowed = 20

// inHome are the sources of the home timeline.
func inHome(w wishes) []source {
	if w.Followed > fewFollowed {
		return []source{inPosts(home)}
	}
	each := followed + ` AS w (who)`
	return []source{
		inPosts(starter + ` AND p.author = @reader`),
		inPosts(starter + ` AND p.author = w.who`).of(each),
		inPosts(starter + ` AND p.community = w.who AND ` + letIn).of(each),
	}
}

// sharedBy are the boosts by those of a subquery, but for those whom the reader shuns.
func sharedBy(whom string) source {
	return inBoosts("b.who IN " + whom + " AND NOT " + access.Shuns("b.who"))
}

// inListed are the sources of a list.
func inListed() []source {
	each := listed + ` AS w (who)`
	return []source{
		inPosts(`p.deleted_at IS NULL AND p.author = w.who`).of(each).and(inList),
		inPosts(`p.deleted_at IS NULL AND p.community = w.who`).of(each).and(inList),
		sharedBy(listed),
	}
}

// wishes are what a member set up for the home timeline.
type wishes struct {
	Tags      []string
	Exclusive bool
	Followed  int // fewFollowed and one more: more than these
}

func wishesOf(ctx context.Context, q storage.Querier, member actors.ID) (w wishes, err error) {
	err = q.QueryRow(ctx, `
		SELECT ARRAY(SELECT tag FROM followed_tags WHERE member = $1),
			EXISTS (SELECT FROM lists WHERE member = $1 AND exclusive),
			(SELECT count(*) FROM (SELECT FROM follows WHERE follower = $1 AND state = 'accepted' LIMIT $2) f)`,
		member, fewFollowed+1).Scan(&w.Tags, &w.Exclusive, &w.Followed)
	return w, err
}
